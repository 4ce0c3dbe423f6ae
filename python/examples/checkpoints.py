"""Checkpoints of a torch network against its last: when do its dynamics become what they are?"""

import torch

import kindred

torch.manual_seed(0)
steps, batch, units = 60, 64, 32
network, readout = torch.nn.RNN(1, units, batch_first=True), torch.nn.Linear(units, 1)
optimizer = torch.optim.Adam([*network.parameters(), *readout.parameters()], lr=3e-3)
inputs = torch.randn(32, steps, 1)  # the same for every checkpoint

checkpoints = {}
for update in range(301):
    if update % 60 == 0:
        with torch.no_grad():
            checkpoints[f"update {update}"] = network(inputs)[0]  # trials x time x units, used where it lies
    x = torch.randn(batch, steps, 1)
    target = x.cumsum(1) / steps**0.5  # integrate the input
    loss = (readout(network(x)[0]) - target).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

last = {name: states for name, states in checkpoints.items() if name == "update 300"}
d = kindred.cross(checkpoints, last, "dsa", delays=5, rank=10)
for name, row in zip(d.names, d.distances):
    print(f"{name:12} {row[0]:.3f}")
