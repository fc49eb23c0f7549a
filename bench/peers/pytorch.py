"""Tokens per second of one training step in PyTorch: embedding, tanh RNN, linear, SGD with the norm clipped to 1.

Reads one case as JSON (argv[1]) and the number of threads (argv[2]); prints a JSON list of rates, one a round.
At its best on two cores PyTorch wants OMP_WAIT_POLICY=PASSIVE, which the caller sets.
"""
import json, sys, time
import torch

case, threads = json.loads(sys.argv[1]), int(sys.argv[2])
rounds, seconds = int(sys.argv[3]), float(sys.argv[4])
torch.set_num_threads(threads)
torch.manual_seed(1)
V, H, B, T = case["vocab"], case["hidden"], case["rows"], case["steps"]
every_step = case["task"] == "next-token"
O = V if every_step else 1


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(V, H)
        self.rnn = torch.nn.RNN(H, H, batch_first=True)
        self.out = torch.nn.Linear(H, O)

    def forward(self, x):
        states, last = self.rnn(self.embedding(x))
        return self.out(states).reshape(-1, O) if every_step else self.out(last[0])


model = Model()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
x = torch.randint(0, V, (B, T))
y = torch.randint(0, V, (B * T,)) if every_step else torch.rand(B, 1)


def loss_of(output):
    return torch.nn.functional.cross_entropy(output, y) if every_step else 0.5 * ((output - y) ** 2).mean()


def step():
    optimizer.zero_grad()
    loss_of(model(x)).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


def rate():
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        step()
        steps += 1
    return steps * B * T / (time.perf_counter() - start)


for _ in range(3):
    step()
rate()
print(json.dumps([rate() for _ in range(rounds)]))
