"""A training step in PyTorch: embedding, tanh RNN, linear, softmax cross-entropy (or half the squared error), SGD with clipped norm.

    python3 pytorch.py CASE THREADS

CASE is one of bench/cases.mjs as JSON. Prints a line of JSON when it is warm; then for each line on standard input, a number of
seconds and a clock (`wall` or `cpu`, the processor time of all threads), the tokens per second that it trained over them. On all cores PyTorch is at its best with OMP_WAIT_POLICY=PASSIVE, which
run.mjs sets.
"""
import json
import sys
import time

import torch

case, threads = json.loads(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)
V, H, B, T = case["vocab"], case["hidden"], case["rows"], case["steps"]
every_step = case["task"] == "next-token"
O = V if every_step else 1


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(V, H)
        self.rnn = torch.nn.RNN(H, H)  # steps first: rows first would copy its input and its output
        self.out = torch.nn.Linear(H, O)

    def forward(self, x):
        states, last = self.rnn(self.embedding(x))
        return self.out(states.view(-1, H)) if every_step else self.out(last[0])


model = Model()
# So small a rate that the weights stay where they are, as in rnn's own step: the work is then the same in every round.
optimizer = torch.optim.SGD(model.parameters(), lr=1e-7)
x = torch.randint(0, V, (T, B))
y = torch.randint(0, V, (T * B,)) if every_step else torch.rand(B, 1)


def loss_of(output):
    return torch.nn.functional.cross_entropy(output, y) if every_step else 0.5 * ((output - y) ** 2).mean()


def step():
    optimizer.zero_grad(set_to_none=True)
    loss_of(model(x)).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


clocks = {"wall": time.perf_counter, "cpu": time.process_time}


def rate(seconds, clock=time.perf_counter):
    steps, start = 0, clock()
    while True:
        step()
        steps += 1
        spent = clock() - start
        if spent >= seconds:
            return steps * B * T / spent


def say(value):
    print(json.dumps(value), flush=True)


for _ in range(3):
    step()
rate(0.3)
say({"threads": threads, "version": torch.__version__})
for line in sys.stdin:
    seconds, clock = line.split()
    say(rate(float(seconds), clocks[clock]))
