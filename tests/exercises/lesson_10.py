# %% 10.1 right
query = 'sum(rate(model_inference_seconds_count{type="single"}[1m]))'

# %% 10.1 right
query = "sum(rate(prediction_type_total[1m])) - sum(rate(prediction_type_total{type=~'batch|simulation'}[60s]))"

# %% 10.1 right
query = 'increase(prediction_type_total{type="single"}[1m]) / 60'

# %% 10.1 wrong: it counts all types, and not only `single`
query = "sum(rate(prediction_type_total[1m]))"

# %% 10.1 wrong: it asks how many there were in a minute, and not in a second
query = 'sum(increase(prediction_type_total{type="single"}[1m]))'

# %% 10.1 wrong: it counts the requests that came, with those that were refused or failed
query = 'sum(rate(http_requests_total{endpoint="/predict_single"}[1m]))'

# %% 10.1 wrong: The window stands inside of rate(...), directly behind the braces.
query = 'sum(rate(prediction_type_total{type="single"})[1m])'

# %% 10.1 wrong: it is right only while no app starts again
query = 'rate(sum(prediction_type_total{type="single"})[1m:1s])'

# %% 10.1 wrong: Prometheus finds nothing
query = 'sum(rate(prediction_type_total{type="Single"}[1m]))'

# %% 10.1 wrong: its window is five minutes, and not one
query = 'rate(prediction_type_total{type="single"}[5m])'

# %% 10.2 right
rule = """
- alert: NobodyPredicts
  expr: (app:titanic_predictions:rate == 0) and (app:http_requests:rate > 0)
  for: 1m0s
  labels:
    severity: page
"""

# %% 10.2 right
rule = """
groups:
  - name: mine
    rules:
      - alert: NobodyPredicts
        expr: |
          app:http_requests:rate > 0
          unless app:titanic_predictions:rate > 0
        for: 60s
        labels: {severity: page, team: model}
        annotations:
          summary: Requests come, and nothing is predicted.
"""

# %% 10.2 right
rule = """
alert: NobodyPredicts
labels:
  severity: "page"
for: 1m
expr: >
  app:titanic_predictions:rate == 0
  and app:http_requests:rate > 0
"""

# %% 10.2 wrong: `expr` finds something although nobody sends a request
rule = """
- alert: NobodyPredicts
  expr: app:titanic_predictions:rate == 0
  for: 1m
  labels:
    severity: page
"""

# %% 10.2 wrong: `expr` finds something although requests come and are predicted
rule = rule.replace("expr: ...", "expr: app:http_requests:rate > 0 or app:titanic_predictions:rate == 0")
rule = rule.replace("for: ...", "for: 1m").replace("severity: ...", "severity: page")

# %% 10.2 wrong: `expr` finds something although requests come and are predicted
rule = rule.replace("expr: ...", "expr: app:titanic_predictions:rate < 1 and app:http_requests:rate > 0")
rule = rule.replace("for: ...", "for: 1m").replace("severity: ...", "severity: page")

# %% 10.2 wrong: `expr` finds nothing although requests come and nothing is predicted
rule = rule.replace("expr: ...", "expr: app:titanic_predictions:rate == 0 and app:http_requests:rate > 1")
rule = rule.replace("for: ...", "for: 1m").replace("severity: ...", "severity: page")

# %% 10.2 wrong: `expr` finds something although requests come and are predicted
rule = rule.replace("expr: ...", "expr: app:titanic_predictions:rate <= 0.5 and app:http_requests:rate > 3")
rule = rule.replace("for: ...", "for: 1m").replace("severity: ...", "severity: page")

# %% 10.2 wrong: `expr` finds something although requests come and are predicted
rule = rule.replace("expr: ...", "expr: app:http_requests:rate > 0.01 and app:titanic_predictions:rate < 0.01")
rule = rule.replace("for: ...", "for: 1m").replace("severity: ...", "severity: page")

# %% 10.2 wrong: Prometheus refuses it: yaml: unmarshal errors: field annotation not found
rule = """
- alert: NobodyPredicts
  expr: app:http_requests:rate > 0 and app:titanic_predictions:rate == 0
  for: 1m
  labels:
    severity: page
  annotation:
    summary: Requests come, and nothing is predicted.
"""

# %% 10.2 wrong: Prometheus refuses it: not a valid duration string: "30s30s"
rule = """
- alert: NobodyPredicts
  expr: app:http_requests:rate > 0 and app:titanic_predictions:rate == 0
  for: 30s30s
  labels:
    severity: page
"""

# %% 10.2 wrong: its name, the value of `alert`, is not NobodyPredicts
rule = """
- expr: app:http_requests:rate > 0 and app:titanic_predictions:rate == 0
  for: 1m
  labels:
    severity: page
"""

# %% 10.2 wrong: Prometheus does not understand it, at letter 28 of line 1
rule = """
- alert: NobodyPredicts
  expr: app:http_requests:rate > 0 & app:titanic_predictions:rate == 0
  for: 1m
  labels:
    severity: page
"""

# %% 10.2 wrong: `for` is not one minute
rule = """
- alert: NobodyPredicts
  expr: app:http_requests:rate > 0 and app:titanic_predictions:rate == 0
  for: 1
  labels:
    severity: page
"""

# %% 10.2 wrong: `severity` is 'ticket', but users notice this at once: write page
rule = """
- alert: NobodyPredicts
  expr: app:http_requests:rate > 0 and app:titanic_predictions:rate == 0
  for: 1m
  labels:
    severity: ticket
"""

# %% 10.2 wrong: there is no `severity`, below `labels:` and indented by two more
rule = """
- alert: NobodyPredicts
  expr: app:http_requests:rate > 0 and app:titanic_predictions:rate == 0
  for: 1m
  severity: page
"""

# %% 10.2 wrong: there are still three dots in the rule
rule = rule.replace("expr: ...", "expr: app:http_requests:rate > 0 and app:titanic_predictions:rate == 0")

# %% 10.2 wrong: it is no YAML, in line 5: mapping values are not allowed here
rule = """
- alert: NobodyPredicts
  expr: app:http_requests:rate > 0 and app:titanic_predictions:rate == 0
  for: 1m
   labels:
    severity: page
"""

# %% 10.2 wrong: it is not one rule: begin with `- alert: `
rule = "app:http_requests:rate > 0 and app:titanic_predictions:rate == 0"

# %% 10.2 wrong: `rule` is of the type dict, and not a text: put it in quotes
rule = {"alert": "NobodyPredicts", "for": "1m"}

# %% 10.2 wrong: `expr` finds something although requests come and are predicted
rule = """
- alert: NobodyPredicts
  expr: (app:http_requests:rate > bool 0) * (app:titanic_predictions:rate == bool 0)
  for: 1m
  labels:
    severity: page
"""
