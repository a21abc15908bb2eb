# %% 03.1 right
def require_officer(user_role: str) -> None:
    if user_role == "admin" or user_role == "captain":
        return
    raise HTTPException(status.HTTP_403_FORBIDDEN, "Officers only.")


# %% 03.1 right
async def require_officer(role: Annotated[str, Depends(roles.get_current_user_role)]) -> str:
    if role in {"admin", "captain"}:
        return role
    raise HTTPException(403)


# %% 03.1 wrong: whoever has the role 'user' gets 200 and not 403: it returns the error; it must `raise` it
def require_officer(user_role: str):
    if user_role not in ("admin", "captain"):
        return HTTPException(status_code=403)


# %% 03.1 right
def require_officer(user_role: str):
    if user_role not in ("admin", "captain"):
        raise HTTPException(403)
    yield user_role


# %% 03.1 right
import asyncio


async def require_officer(user_role: str) -> None:
    await asyncio.sleep(0)
    if user_role not in ("admin", "captain"):
        raise HTTPException(403)


# %% 03.1 right
class OneOf:
    def __init__(self, *roles):
        self.roles = roles

    def __call__(self, user_role: str = Depends(roles.get_current_user_role)) -> None:
        if user_role not in self.roles:
            raise HTTPException(403)


require_officer = OneOf("admin", "captain")


# %% 03.1 wrong: whoever has the role 'admins' gets 200 and not 403
def require_officer(user_role: str) -> None:
    if not ("admin" in user_role or "captain" in user_role):
        raise HTTPException(403)


# %% 03.1 wrong: whoever has the role 'admins' gets 200 and not 403
def require_officer(user_role: str) -> None:
    if not user_role.startswith(("admin", "captain")):
        raise HTTPException(403)


# %% 03.1 wrong: whoever has the role 'no captain' gets 200 and not 403
def require_officer(user_role: str) -> None:
    if not user_role.endswith(("admin", "captain")):
        raise HTTPException(403)


# %% 03.1 wrong: whoever has the role "captain's mate" gets 200 and not 403
def require_officer(user_role: str) -> None:
    if user_role != "admin" and not user_role.startswith("captain"):
        raise HTTPException(403)


# %% 03.1 wrong: whoever has the role 'admin' gets 403 and not 200
def require_officer(user_role: str) -> None:
    if user_role != "captain":
        raise HTTPException(403)


# %% 03.1 wrong: a status code is a text: write the number without quotes
def require_officer(user_role: str) -> None:
    if user_role not in ("admin", "captain"):
        raise HTTPException("403", detail="Officers only.")


# %% 03.1 wrong: it is no function with a parameter for the role: def require_officer(user_role: str)
def require_officer() -> None:
    raise HTTPException(403)


# %% 03.1 wrong: it is no function with a parameter for the role
require_officer = "captain"


# %% 03.1 wrong: whoever has the role 'captain' gets 403 and not 200
def require_officer(user_role: str) -> None:
    if user_role != "admin":
        raise HTTPException(status_code=403)


# %% 03.1 wrong: whoever has the role 'user' gets 401 and not 403
def require_officer(user_role: str) -> None:
    if user_role not in ("admin", "captain"):
        raise HTTPException(status_code=401)


# %% 03.1 wrong: whoever has the role 'cook' gets 200 and not 403
def require_officer(user_role: str) -> None:
    if user_role in ("user", "guest"):
        raise HTTPException(status_code=403)


# %% 03.2 right
from fastapi import APIRouter


def first_class_only(pclass: int):
    if pclass != 1:
        raise HTTPException(status.HTTP_403_FORBIDDEN)


deck = APIRouter()


@deck.get("/bridge")
def bridge():
    return "Welcome"


ship.include_router(deck, dependencies=[Depends(first_class_only)])


# %% 03.2 right
def first_class_only(pclass: str = "3"):
    if pclass != "1":
        raise HTTPException(403, detail="The bridge is for the first class only.")
    return pclass


@ship.get("/bridge")
async def bridge(pclass: Annotated[str, Depends(first_class_only)]):
    return {"class": pclass}


# %% 03.2 right
from typing import Literal


def first_class_only(pclass: Literal["1", "2", "3"]):
    if pclass != "1":
        raise HTTPException(403)


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 wrong: class 0 passes: only the first class may, and that is 1
def first_class_only(pclass: int):
    if pclass > 1:
        raise HTTPException(403)


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 wrong: class -1 passes: only the first class may, and that is 1
def first_class_only(pclass: int):
    if pclass > 1 or pclass == 0:
        raise HTTPException(403)


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 wrong: class -1 passes: only the first class may, and that is 1
def first_class_only(pclass: str):
    if "1" not in pclass:
        raise HTTPException(403)


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 wrong: class 10 passes: only the first class may, and that is 1
def first_class_only(pclass: str):
    if not pclass.startswith("1"):
        raise HTTPException(403)


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 wrong: class 11 passes: only the first class may, and that is 1
def first_class_only(pclass: str):
    if pclass == "-1" or not pclass.endswith("1"):
        raise HTTPException(403)


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 wrong: class 2 gets 200 and not 403: it returns the error; it must `raise` it
async def first_class_only(pclass: int):
    if pclass != 1:
        return HTTPException(403)


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 wrong: a status code is a text: write the number without quotes
def first_class_only(pclass: int):
    if pclass != 1:
        raise HTTPException("403", "The bridge is for the first class only.")


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 wrong: your route returns {'message': 'Welcome'}, and not what it promises behind the arrow
def first_class_only(pclass: int):
    if pclass != 1:
        raise HTTPException(403)


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge() -> str:
    return {"message": "Welcome"}


# %% 03.2 wrong: class 4 passes: only the first class may, and that is 1
def first_class_only(pclass: int):
    if pclass in (0, 2, 3):
        raise HTTPException(403)


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 right
def first_class_only(pclass: int):
    if pclass != 1:
        raise HTTPException(403)


ship = FastAPI(dependencies=[Depends(first_class_only)])


@ship.get("/bridge")
async def bridge(pclass: int):
    return "Welcome"


# %% 03.2 wrong: the route itself refuses: put that into a function of its own, which raises the error, and use Depends
@ship.get("/bridge")
def bridge(pclass: int):
    if pclass != 1:
        raise HTTPException(403)


# %% 03.2 wrong: class 2 gets 200 and not 403
def first_class_only(pclass: int):
    if pclass != 1:
        raise HTTPException(403)


@ship.get("/bridge")
def bridge():
    return "Welcome"


# %% 03.2 wrong: class 2 gets 200 and not 403
def first_class_only(pclass: int):
    return pclass == 1


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 wrong: a request without a class passes
def first_class_only(pclass: int = 1):
    if pclass != 1:
        raise HTTPException(403)


@ship.get("/bridge", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 wrong: there is no route GET /bridge yet
def first_class_only(pclass: int):
    if pclass != 1:
        raise HTTPException(403)


@ship.get("/brigde", dependencies=[Depends(first_class_only)])
def bridge():
    return "Welcome"


# %% 03.2 wrong: the route itself refuses: put that into a function of its own, which raises the error, and use Depends
def class_of(pclass: int):
    return pclass


@ship.get("/bridge")
async def bridge(pclass: Annotated[int, Depends(class_of)]):
    if pclass != 1:
        raise HTTPException(403)
    return "Welcome"
