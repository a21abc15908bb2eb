# %% 16.1 right
def passengers_in(message):
    totals = {}
    for record in message["records"]:
        record = record["Psi"]
        totals[record["feature"]] = totals.get(record["feature"], 0) + record["bin_count"]
    return max(totals.values())


# %% 16.1 right
def passengers_in(message):
    table = pd.DataFrame([record["Psi"] for record in message["records"]])
    return table.groupby("feature")["bin_count"].sum().iloc[0]


# %% 16.1 wrong: it looks at the first two bins only; a port has three
def passengers_in(message):
    return sum(record["Psi"]["bin_count"] for record in message["records"][:2])


# %% 16.1 wrong: it counts the records, and not the passengers in them
def passengers_in(message):
    return len(message["records"])


# %% 16.1 wrong: it counts each passenger once for each feature
def passengers_in(message):
    return sum(record["Psi"]["bin_count"] for record in message["records"])


# %% 16.1 wrong: it goes wrong if there is no age in the message
def passengers_in(message):
    return sum(record["Psi"]["bin_count"] for record in message["records"] if record["Psi"]["feature"] == "Age")


# %% 16.1 wrong: your code ends with KeyError: 'bin_count'
def passengers_in(message):
    return sum(record["bin_count"] for record in message["records"])


# %% 16.1 wrong: your function changes what it is given: whoever calls it may need that again
def passengers_in(message):
    total, first = 0, message["records"][0]["Psi"]["feature"]
    while message["records"]:
        record = message["records"].pop(0)["Psi"]
        total += record["bin_count"] if record["feature"] == first else 0
    return total


# %% 16.2 right
best_transport = dict(zip(best_transport, ["http", "Rabbit MQ", "Apache Kafka".removeprefix("Apache "), "REDIS."]))

# %% 16.2 right
for case, answer in zip(list(best_transport), ["HTTP", "rabbit-mq", "kafka", "redis"]):
    best_transport[case] = answer

# %% 16.2 wrong: does not fit 'RabbitMQ': RabbitMQ keeps messages while the collector is away, but not
best_transport = dict(zip(best_transport, ["HTTP", "RabbitMQ", "RabbitMQ", "Redis"]))

# %% 16.2 wrong: does not fit 'Kafka': Kafka loses nothing
best_transport = dict.fromkeys(best_transport, "Kafka")

# %% 16.2 wrong: 'post' is none of the words to choose from: HTTP, Redis, RabbitMQ, Kafka
best_transport = dict.fromkeys(best_transport, "post")
