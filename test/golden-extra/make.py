"""Further reference cases, in the form of ../golden, by PyTorch autograd in float64: a learned initial state, H_0 = s, the same for
every row that begins; tied embeddings, where one tensor E (vocab,H) gives x_t = E[token] and y_hat = E H + c (no V in `params`); and
the options of optimizers that ../golden leaves at their defaults.

In the curves optimizers see the gradient of s as 0 in windows that begin with a carried state, where it has no part in the loss.
Usage: python3 make.py OUT_DIR
"""
import json, os, sys
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(20)
uniform = lambda *sizes: torch.rand(*sizes, generator=generator) - 0.5
integer = lambda low, high, *sizes: torch.randint(low, high, sizes, generator=generator)
numbers = lambda tensor: tensor.detach().tolist()
activations = {'tanh': torch.tanh, 'relu': torch.relu, 'sigmoid': torch.sigmoid}


def parameters(vocab, H, O, layers, tied, learned):
    p = {'E': uniform(vocab, H)} if tied else {}
    for layer in range(layers):
        suffix = '' if layers == 1 else str(layer)
        p['U' + suffix] = uniform(H, vocab if layer == 0 and not tied else H)
        p['W' + suffix], p['b' + suffix] = uniform(H, H), uniform(H)
        if learned: p['s' + suffix] = uniform(H)
    if not tied: p['V'] = uniform(O, H)
    p['c'] = uniform(O)
    return {name: values.requires_grad_(True) for name, values in p.items()}


def run(p, x, g, layers, carried=None):
    """x (N,T) tokens -> states of the top layer (N,T,H), last state of each layer"""
    N, T = x.shape
    inputs, last = p['E'][x] if 'E' in p else F.one_hot(x, p[f"U{'' if layers == 1 else 0}"].shape[1]).double(), []
    for layer in range(layers):
        U, W, b, s = (p.get(letter + ('' if layers == 1 else str(layer))) for letter in 'UWbs')
        h = carried[layer] if carried else s.expand(N, -1) if s is not None else torch.zeros(N, W.shape[0])
        states = []
        for t in range(T):
            h = activations[g](h @ W.T + inputs[:, t] @ U.T + b)
            states.append(h)
        inputs = torch.stack(states, 1)
        last.append(h)
    return inputs, last


def loss_of(task, p, states, y, lengths):
    N, T, _ = states.shape
    predictions = states @ p.get('V', p.get('E')).T + p['c']
    if task == 'next-token':
        real = torch.arange(T)[None] < lengths[:, None]
        return F.cross_entropy(predictions[real], y[real]), predictions
    predictions = predictions[torch.arange(N), lengths - 1]
    return (0.5 * ((y - predictions) ** 2).sum(1).mean() if task == 'regression' else F.cross_entropy(predictions, y)), predictions


def padded(rows):
    T = max(map(len, rows))
    return torch.tensor([row + [0] * (T - len(row)) for row in rows])


def write(name, case):
    with open(os.path.join(sys.argv[1], name + '.json'), 'w') as file: json.dump(case, file)


def case(name, task, vocab, H, O, lengths, act='tanh', layers=1, tied=False, learned=False):
    p = parameters(vocab, H, O, layers, tied, learned)
    extra = 1 if task == 'next-token' else 0
    rows = [numbers(integer(1, vocab, n + extra)) for n in lengths]
    x = padded([row[:len(row) - extra] for row in rows])
    y = padded([row[1:] for row in rows]) if extra else uniform(len(rows), O) if task == 'regression' else integer(0, O, len(rows))
    states, _ = run(p, x, act, layers)
    loss, predictions = loss_of(task, p, states, y, torch.tensor(lengths))
    loss.backward()
    write(name, dict(note='', task=task, activation=act, layers=layers, mask=True, vocab=vocab, hidden=H, outputs=O, embed=H if tied else None,
        params={k: numbers(v) for k, v in p.items()}, rows=rows, targets=None if extra else numbers(y), x=numbers(x), lengths=lengths,
        y=numbers(y), hidden_states=numbers(states), predictions=numbers(predictions), loss=loss.item(),
        grads={k: numbers(v.grad) for k, v in p.items()}))


def curve(name, optimizer, clip=None, clip_value=None, stream=False, layers=1, tied=False, learned=False, steps=25, **options):
    vocab, H, N, T = 11, 9, 6, 7
    p = parameters(vocab, H, vocab, layers, tied, learned)
    first = {k: numbers(v) for k, v in p.items()}
    rules = {'sgd': torch.optim.SGD, 'adam': torch.optim.Adam, 'rmsprop': torch.optim.RMSprop, 'adagrad': torch.optim.Adagrad}
    given = {k: v for k, v in options.items() if k not in ('beta1', 'beta2')}
    if 'beta1' in options: given['betas'] = (options['beta1'], options['beta2'])
    rule = rules[optimizer](list(p.values()), **given)
    rows = [numbers(integer(0, vocab, N * steps * T + 1))] if stream else [numbers(integer(0, vocab, T + 1)) for _ in range(steps * N)]
    losses, norms, carried = [], [], None
    for step in range(steps):
        if stream:
            cut = torch.tensor([[i * steps * T + step * T + t for t in range(T + 1)] for i in range(N)])
            batch = torch.tensor(rows[0])[cut]
        else:
            batch = torch.tensor(rows[step * N:(step + 1) * N])
        states, last = run(p, batch[:, :-1], 'tanh', layers, carried)
        loss, _ = loss_of('next-token', p, states, batch[:, 1:], torch.full((N,), T))
        for v in p.values(): v.grad = torch.zeros_like(v)
        loss.backward()
        norms.append(torch.sqrt(sum((v.grad ** 2).sum() for v in p.values())).item())
        if clip: torch.nn.utils.clip_grad_norm_(list(p.values()), clip)
        if clip_value: torch.nn.utils.clip_grad_value_(list(p.values()), clip_value)
        rule.step()
        losses.append(loss.item())
        if stream: carried = [h.detach() for h in last]
    write(name, dict(note='', task='next-token', activation='tanh', vocab=vocab, hidden=H, layers=layers, embed=H if tied else None,
        optimizer=dict(name=optimizer, **options), clip_norm=clip, clip_value=clip_value, stream=stream, batch_size=N, window=T, params=first, rows=rows,
        losses=losses, grad_norms_before_clip=norms, final_params={k: numbers(v) for k, v in p.items()}))


ragged = [6, 1, 9, 3]
case('regression-learned-state', 'regression', 13, 5, 2, ragged, learned=True)
case('classification-learned-states-two-layers', 'classification', 17, 6, 3, ragged, layers=2, act='sigmoid', learned=True)
case('next-token-learned-state', 'next-token', 11, 7, 11, ragged, learned=True)
case('next-token-tied', 'next-token', 12, 7, 12, ragged, tied=True)
case('next-token-tied-large-vocabulary', 'next-token', 43, 5, 43, ragged, tied=True, act='relu')
case('next-token-tied-learned-states-two-layers', 'next-token', 14, 9, 14, ragged, layers=2, tied=True, learned=True)
curve('curve-learned-state', 'sgd', lr=0.3, momentum=0.9, learned=True)
curve('curve-stream-learned-states', 'adam', clip=1.0, stream=True, layers=2, learned=True, lr=0.01)
curve('curve-tied', 'adam', lr=0.01, tied=True)
curve('curve-stream-tied-learned-state', 'sgd', clip=0.5, stream=True, lr=0.3, momentum=0.9, tied=True, learned=True)
curve('curve-adam-betas-eps-decay', 'adam', lr=0.02, beta1=0.8, beta2=0.95, eps=1e-3, weight_decay=0.01)
curve('curve-rmsprop-momentum-decay', 'rmsprop', lr=0.003, alpha=0.9, eps=1e-4, momentum=0.8, weight_decay=0.01)
curve('curve-adagrad-decay', 'adagrad', lr=0.05, eps=1e-6, weight_decay=0.01)
curve('curve-clip-norm-and-value', 'sgd', clip=0.7, clip_value=0.05, lr=0.5)
