"""A language model in PyTorch, as `rnn train --stream` trains it: embedding, tanh RNN of one layer, linear, cross-entropy; Adam with
a cosine schedule, the norm clipped to 1, B parallel streams whose state passes from window to window.

    python3 language_model.py SETTINGS

SETTINGS is JSON: train, validation (files of one row of token IDs), vocab, hidden, rows, window, epochs, lr, threads, and
optionally initial (a file that gets the first weights, as safetensors) and losses (a file that gets the loss of every step).
Prints a line of JSON after each epoch: {"epoch", "validation" (nats per token), "seconds" (in training, so far)}.
"""
import json
import math
import struct
import sys
import time

import torch
from torch.nn.functional import cross_entropy

s = json.loads(sys.argv[1])
torch.set_num_threads(s["threads"])
torch.manual_seed(1)
V, H, B, T = s["vocab"], s["hidden"], s["rows"], s["window"]

embedding = torch.nn.Embedding(V, H)
rnn = torch.nn.RNN(H, H)
out = torch.nn.Linear(H, V)
# Only the sum of PyTorch's two biases means anything; Adam would move it twice as fast as one.
with torch.no_grad():
    rnn.bias_hh_l0.zero_()
rnn.bias_hh_l0.requires_grad_(False)
parameters = [p for module in (embedding, rnn, out) for p in module.parameters() if p.requires_grad]


def streams(file):
    """(S + 1, B): stream i holds tokens i·S … (i+1)·S of the n in the file, S = ⌊(n − 1) / B⌋."""
    tokens = torch.tensor([int(token) for token in open(file).read().split(",")])
    S = (len(tokens) - 1) // B
    return torch.stack([tokens[i * S : i * S + S + 1] for i in range(B)], dim=1)


def windows(data):
    for start in range(0, len(data) - 1, T):
        end = min(start + T, len(data) - 1)
        yield data[start:end], data[start + 1 : end + 1]


def mean_loss(x, y, state):
    states, state = rnn(embedding(x), state)
    return cross_entropy(out(states.view(-1, H)), y.reshape(-1)), state.detach()


def validation_loss(data):
    total, state = 0.0, None
    with torch.no_grad():
        for x, y in windows(data):
            loss, state = mean_loss(x, y, state)
            total += loss.item() * y.numel()
    return total / ((len(data) - 1) * B)


def save(file):
    """safetensors: the length of a JSON header, the header, the bytes. Names as in the mathematics."""
    tensors = {"E": embedding.weight, "U": rnn.weight_ih_l0, "V": out.weight, "W": rnn.weight_hh_l0, "b": rnn.bias_ih_l0, "c": out.bias}
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = tensor.detach().contiguous().view(-1).tolist()
        packed = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    with open(file, "wb") as target:
        target.write(struct.pack("<Q", len(text)) + text + data)


if "initial" in s:
    save(s["initial"])
training, validation = streams(s["train"]), streams(s["validation"])
steps = s["epochs"] * math.ceil((len(training) - 1) / T)
optimizer = torch.optim.Adam(parameters, lr=s["lr"])
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps)))
losses, seconds = [], 0.0
for epoch in range(1, s["epochs"] + 1):
    state, started = None, time.perf_counter()
    for x, y in windows(training):
        optimizer.zero_grad(set_to_none=True)
        loss, state = mean_loss(x, y, state)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    seconds += time.perf_counter() - started
    print(json.dumps({"epoch": epoch, "validation": validation_loss(validation), "seconds": seconds}), flush=True)
if "losses" in s:
    json.dump(losses, open(s["losses"], "w"))
