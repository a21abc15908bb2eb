"""The health endpoint: its exact answer, and its documentation."""


def test_the_answer_is_the_documented_one(client):
    answer = client("fastapi_03_health_app").get("/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "version": "1.0.0",
        "service": "Titanic Predictor API",
        "dependencies": "MLflow, Scikit-learn",
    }


def test_the_answer_has_a_documented_model(client):
    description = client("fastapi_03_health_app").get("/openapi.json").json()
    answer = description["paths"]["/health"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/HealthResponse"}
    fields = description["components"]["schemas"]["HealthResponse"]["required"]
    assert fields == ["status", "version", "service", "dependencies"]
