# %% 24.1 right
def claims(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


# %% 24.1 right
def claims(token):
    # more `=` than needed do not matter
    return json.loads(base64.b64decode(token.split(".")[1] + "==", altchars=b"-_"))


# %% 24.1 wrong: a part cannot be decoded (Incorrect padding): take the part in the middle, put back its `=`
def claims(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1]))


# %% 24.1 wrong: and use urlsafe_b64decode
def claims(token):
    return json.loads(base64.b64decode(token.split(".")[1] + "=="))


# %% 24.1 wrong: that is the head of the token
def claims(token):
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))


# %% 24.1 wrong: your code ends with NameError: name 'true' is not defined
def claims(token):
    body = token.split(".")[1]
    return eval(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode())


# %% 24.1 wrong: your code ends with ValueError: malformed node or string
import ast


def claims(token):
    body = token.split(".")[1]
    return ast.literal_eval(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode())


# %% 24.1 wrong: it returns a text
def claims(token):
    body = token.split(".")[1]
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()


# %% 24.1 wrong: that is the library jwt: do it without. It is line 2 of its cell
def claims(token):
    return jwt.decode(token, "x" * 32, algorithms=["HS256"])


# %% 24.1 wrong: that is the library jwt: do it without. It is line 2 of its cell
def claims(token):
    return jwt.decode(token, options={"verify_signature": False})


# %% 24.1 wrong: that is the library jwt: do it without. It is line 5 of its cell
from jwt import decode


def claims(token):
    return decode(token, options={"verify_signature": False})


# %% 24.1 wrong: that is the library jwt: do it without. It is line 2 of its cell
def claims(token):
    return jwt.PyJWT().decode(token, options={"verify_signature": False})


# %% 24.1 wrong: that is the library jwt: do it without. It is line 2 of its cell
def claims(token):
    return jwt.decode_complete(token, options={"verify_signature": False})["payload"]


# %% 24.1 wrong: that is the library jwt: do it without. It is line 2 of its cell
def claims(token):
    return jwt.api_jwt.decode_complete(token, options={"verify_signature": False})["payload"]


# %% 24.1 wrong: that is the library jwt: do it without. It is line 2 of its cell
def claims(token):
    return json.loads(jwt.api_jws.decode_complete(token, options={"verify_signature": False})["payload"])


# %% 24.1 wrong: that is the library jwt: do it without. It is line 2 of its cell
def claims(token):
    return jwt.get_unverified_header(token)


# %% 24.1 wrong: that is the library jwt: do it without. It is line 2 of its cell
def claims(token):
    return json.loads(jwt.utils.base64url_decode(token.split(".")[1]))


# %% 24.1 wrong: that is the library jwt: do it without. It is line 5 of its cell
from jwt.utils import base64url_decode


def claims(token):
    return json.loads(base64url_decode(token.split(".")[1]))


# %% 24.1 wrong: what is decoded is UTF-8
def claims(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode("latin-1"))


# %% 24.1 wrong: what is decoded is UTF-8
def claims(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode("ascii"))


# %% 24.1 wrong: it returns nothing yet
def claims(token):
    body = token.split(".")[1]
    print(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


# %% 24.2 right
def trace(asked_by, names, trace_key):
    import hashlib
    import hmac

    made = {hmac.new(trace_key.encode(), n.encode(), hashlib.sha256).hexdigest()[:32]: n for n in names}
    return made.get(asked_by)


# %% 24.2 right
def trace(asked_by, names, trace_key):
    from login import asked_log

    return next((name for name in names if asked_log.pseudonym(name, trace_key) == asked_by), None)


# %% 24.2 wrong: it returns nothing for the pseudonym of a name in the list
def trace(asked_by, names, trace_key):
    import hashlib

    # a plain hash, without the key
    made = {hashlib.sha256(n.encode()).hexdigest()[:32]: n for n in names}
    return made.get(asked_by)


# %% 24.2 wrong: for somebody who is not in the list it returns 'jack', and not None
def trace(asked_by, names, trace_key):
    from login.asked_log import pseudonym

    for name in names:
        if pseudonym(name, trace_key) == asked_by:
            return name
    return name


# %% 24.2 wrong: for the pseudonym of rose it returns True
def trace(asked_by, names, trace_key):
    from login.asked_log import pseudonym

    return any(pseudonym(name, trace_key) == asked_by for name in names)


# %% 24.2 wrong: it does not find ruth in the list molly, ruth: look at the `names` that are given
def trace(asked_by, names, trace_key):
    made = {pseudonym(name, trace_key): name for name in ("rose", "captain", "night-train", "jack")}
    return made.get(asked_by)


# %% 24.2 wrong: for rose, who is not in the list molly, jack, it returns 'rose', and not None: look only at the `names` that are given in this call
made = {}


def trace(asked_by, names, trace_key):
    made.update({pseudonym(name, trace_key): name for name in names})
    return made.get(asked_by)


# %% 24.2 wrong: for somebody who is not in the list it returns '', and not None
def trace(asked_by, names, trace_key):
    return next((name for name in names if pseudonym(name, trace_key) == asked_by), "")


# %% 24.2 wrong: your function changes what it is given
def trace(asked_by, names, trace_key):
    while names:
        if pseudonym(name := names.pop(), trace_key) == asked_by:
            return name
    return None


# %% 24.2 wrong: your function changes what it is given
def trace(asked_by, names, trace_key):
    names.sort()
    return next((name for name in names if pseudonym(name, trace_key) == asked_by), None)


# %% 24.2 wrong: it returns nothing for the pseudonym of a name in the list
def trace(asked_by, names, trace_key):
    return None


# %% 24.3 right
answers = dict(
    zip(answers, ["let in", "admins only", "log in first", "log in first", "wrong input", "too often", "let in"])
)


# %% 24.3 right
answers = {
    "Prometheus asks for /metrics": "Let in.",
    "rose types her right password, after ten wrong ones in the same minute": "TOO OFTEN",
    "rose sends a passenger with the field role": "wrong-input",
    "a stranger sends a passenger of 200 years": "log in first",
    "rose was removed, and sends a token of five minutes ago": "log in first",
    "rose asks for /admin": "admins only",
    "night-train sends its key and a passenger": "let in",
}


# %% 24.3 wrong: 'a stranger sends a passenger of 200 years' does not fit 'wrong input'
answers = dict(
    zip(answers, ["let in", "admins only", "log in first", "wrong input", "wrong input", "too often", "let in"])
)


# %% 24.3 wrong: does not fit 'let in'
answers = dict.fromkeys(answers, "let in")


# %% 24.3 wrong: '401' is none of the words to choose from
answers = dict(zip(answers, ["let in", "admins only", "401", "401", "wrong input", "too often", "let in"]))


# %% 24.3 wrong: it is no dictionary any more
answers = ["let in"] * 7
