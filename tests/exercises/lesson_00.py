# %% 00.1 right
port = int("8000")

# %% 00.1 right
port = 8_000.0

# %% 00.1 wrong: 8888 is the port of JupyterLab
port = 8888

# %% 00.1 wrong: `port` is a text: write the number without quotes
port = "8000"

# %% 00.1 wrong: there is no `port` yet: run the cell above that makes it
del port

# %% 00.1 wrong: 8000.2 is the port of something else
port = 8000.2


# %% 00.1 wrong: nan is the port of something else
port = float("nan")
