# %% 02.1 wrong: the guest book holds 0 names
for name in ["Ada", "Grace", "Katherine"]:
    requests.get(f"{app.url}/guests", params={"name": name})

# %% 02.1 wrong: the guest book holds 0 names
for name in ["Ada", "Grace", "Katherine"]:
    requests.post(f"{app.url}/guests", json={"name": name})

# %% 02.1 wrong: send three with `requests.post`, as `params`, one request for each name
requests.put(f"{app.url}/guests", params={"name": ["Ada", "Grace", "Katherine"]})

# %% 02.1 wrong: the guest book holds 1 name, and 2 empty ones, which do not count
for name in ["", "Ada", " "]:
    requests.post(f"{app.url}/guests", params={"name": name})

# %% 02.1 right
for name in ["Grace", "Katherine"]:  # Ada is there already
    requests.post(f"{app.url}/guests?name={name}")

# %% 02.1 right
for _ in range(10):
    requests.post(f"{app.url}/guests", params={"name": ""})  # the book of ten is empty again
with requests.Session() as session:
    for name in "Zoë", "李", "7 of 9":
        session.post(app.url + "/guests", params=[("name", name)])

# %% 02.2 right
status = requests.codes.method_not_allowed

# %% 02.2 right
from http import HTTPStatus

status = HTTPStatus.METHOD_NOT_ALLOWED

# %% 02.2 wrong: 404 is for an address that does not exist
status = 404

# %% 02.2 wrong: `status` is the whole answer: take its .status_code
status = requests.put(f"{app.url}/guests")

# %% 02.2 wrong: the app does not answer nan: send PUT, and look
status = float("nan")

# %% 02.2 wrong: `status` is a text
status = "405"

# %% 02.3 right
mine = FastAPI(title="Hello")


@mine.get("/hello")
async def hello():
    friend = "Grace Hopper"
    return {"message": f"Hello, {friend}!"}


# %% 02.3 right
mine.add_api_route("/hello", lambda: {"message": "Hello, Zoë!"})


# %% 02.3 wrong: there is no name in it yet
@mine.get("/hello")
def hello():
    return {"message": "Hello, ...!"}


# %% 02.3 wrong: the message is 5, and no text
@mine.get("/hello")
def hello():
    return {"message": 5}


# %% 02.3 wrong: it does not answer to GET
@mine.post("/hello")
def hello():
    return {"message": "Hello, Ada!"}


# %% 02.3 wrong: your code ends with NameError: name 'friend' is not defined. It is line 3 of its cell
@mine.get("/hello")
def hello():
    return {"message": f"Hello, {friend}!"}


# %% 02.3 wrong: GET /hello answers 422: your function wants a parameter, and nobody sends one
@mine.get("/hello")
def hello(name):
    return {"message": f"Hello, {name}!"}


# %% 02.3 wrong: the answer is None: is a `return` missing?
@mine.get("/hello")
def hello():
    print({"message": "Hello, Ada!"})


# %% 02.3 wrong: your route returns {'message': 'Hello, Ada!'}, and not what it promises behind the arrow
@mine.get("/hello")
def hello() -> str:
    return {"message": "Hello, Ada!"}


# %% 02.3 wrong: your route returns None, and not what it promises behind the arrow or in response_model: is a `return` missing?
@mine.get("/hello")
def hello() -> dict[str, str]:
    print({"message": "Hello, Ada!"})


# %% 02.3 wrong: `mine` has no such route yet
@mine.get("/helo")
def hello():
    return {"message": "Hello, Ada!"}
