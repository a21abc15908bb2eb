"""Guard a route: only an admin may pass. New: dependency injection with Depends.

Start it, in the folder apps: uvicorn fastapi_02_roles_app:app --reload
Its lesson: notebooks/03_fastapi_02_roles_app.ipynb
"""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, status

app = FastAPI()


def get_current_user_role() -> str:
    """Tell who is asking. A real app reads this from a token or a database."""
    return "user"  # Try changing this to "admin"


def require_admin(user_role: Annotated[str, Depends(get_current_user_role)]) -> None:
    """Let admins pass; answer everybody else with 403."""
    if user_role != "admin":
        raise HTTPException(status_code=status.HTTP_403_FORBIDDEN, detail="Access denied: Admins only.")


@app.get("/public")
def public_endpoint() -> dict[str, str]:
    """Open to everyone."""
    return {"message": "This endpoint is open to all users."}


@app.get("/admin", dependencies=[Depends(require_admin)])
def admin_endpoint() -> dict[str, str]:
    """Only for admins."""
    return {"message": "Welcome, Admin. You have access to this route."}
