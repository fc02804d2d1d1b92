"""The source of DETR's network in a model cell: backbone, transformer, heads."""

from __future__ import annotations

from string import Template

# Nothing here is called `classes` beside `torch`: cloudpickle would take it for torch.classes, which has no pickle.
NETWORK = Template('''\
class ${names}_Residual(nn.Module):
    """A block of a residual network: two convolutions, or three with a narrow one in the middle, and a shortcut."""

    def __init__(self, before, width, stride, narrow):
        super().__init__()
        after = 4 * width if narrow else width
        sizes = [(before, width, 1, 1), (width, width, 3, stride), (width, after, 1, 1)] if narrow else [
            (before, width, 3, stride), (width, after, 3, 1)
        ]
        layers = [layer for size in sizes for layer in (*${names}_convolution(*size), nn.ReLU())]
        self.layers = nn.Sequential(*layers[:-1])
        changes = stride > 1 or before != after
        self.shortcut = nn.Sequential(*${names}_convolution(before, after, 1, stride)) if changes else nn.Identity()

    def forward(self, x):
        return torch.relu(self.layers(x) + self.shortcut(x))


def ${names}_convolution(before, after, kernel, stride):
    """Return a convolution with its normalisation, which needs no large batches."""
    return nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False), nn.GroupNorm(8, after)


def ${names}_backbone(channels, depth, width, stages):
    """Return a residual network and the channels of what it gives."""
    blocks = {10: (1, 1, 1, 1), 18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}[depth]
    layers = [*${names}_convolution(channels, width, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    before, narrow = width, depth >= 50
    for stage in range(stages):
        wide = width * 2**stage
        for block in range(blocks[stage]):
            stride = 2 if stage and not block else 1
            layers.append(${names}_Residual(before, wide, stride, narrow))
            before = 4 * wide if narrow else wide
    return nn.Sequential(*layers), before


class ${names}_Attending(nn.Module):
    """A layer of the transformer: attention among its own places, to an image where one is given, then feed forward."""

    def __init__(self, dim, heads, feed_forward, dropout, reads_image):
        super().__init__()
        self.own = nn.MultiheadAttention(dim, heads, dropout, batch_first=True)
        self.image = nn.MultiheadAttention(dim, heads, dropout, batch_first=True) if reads_image else None
        self.wide = nn.Sequential(
            nn.Linear(dim, feed_forward), nn.ReLU(), nn.Dropout(dropout), nn.Linear(feed_forward, dim)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(dim) for _ in range(3 if reads_image else 2))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, places, image=None, pixels=None):
        """`places` and `pixels` say where each number stands; they are added in every layer."""
        moved = self.own(x + places, x + places, x, need_weights=False)[0]
        x = self.norms[0](x + self.dropout(moved))
        if self.image is not None:
            seen = self.image(x + places, image + pixels, image, need_weights=False)[0]
            x = self.norms[1](x + self.dropout(seen))
        return self.norms[-1](x + self.dropout(self.wide(x)))


class ${names}_Network(nn.Module):
    """DETR (Carion et al. 2020): each query gives a class, or none, and a box: centre, width and height as shares."""

    def __init__(
        self, shape, n_classes, backbone, backbone_width, stages, dim, heads, encoder_layers, decoder_layers,
        feed_forward, queries, dropout,
    ):
        super().__init__()
        self.backbone, channels = ${names}_backbone(shape[0], backbone, backbone_width, stages)
        self.project = nn.Conv2d(channels, dim, 1)
        self.encoder = nn.ModuleList(
            ${names}_Attending(dim, heads, feed_forward, dropout, False) for _ in range(encoder_layers)
        )
        self.decoder = nn.ModuleList(
            ${names}_Attending(dim, heads, feed_forward, dropout, True) for _ in range(decoder_layers)
        )
        for weights in [*self.encoder.parameters(), *self.decoder.parameters()]:
            if weights.dim() > 1:
                nn.init.xavier_uniform_(weights)
        self.queries = nn.Embedding(queries, dim)
        self.norm = nn.LayerNorm(dim)
        self.scores = nn.Linear(dim, n_classes + 1)
        self.boxes = nn.Sequential(
            nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 4)
        )

    def forward(self, x):
        """Return class scores and boxes after each layer of the decoder: (layers, images, queries, numbers)."""
        image = self.project(self.backbone(x))
        pixels = ${names}_waves(image)
        image = image.flatten(2).transpose(1, 2)
        for layer in self.encoder:
            image = layer(image, pixels)
        places = self.queries.weight.expand(len(x), -1, -1)
        found, given = torch.zeros_like(places), []
        for layer in self.decoder:
            found = layer(found, places, image, pixels)
            given.append(self.norm(found))
        given = torch.stack(given)
        return self.scores(given), self.boxes(given).sigmoid()


def ${names}_waves(image):
    """Return sines and cosines of each pixel's row and column: (1, pixels, numbers)."""
    _, dim, height, width = image.shape
    rates = 10_000 ** (-torch.arange(dim // 4, device=image.device) / (dim // 4))
    sides = []
    for length in (height, width):
        angles = 2 * torch.pi * torch.arange(1, length + 1, device=image.device)[:, None] / length * rates
        sides.append(torch.cat([angles.sin(), angles.cos()], dim=1))
    rows, columns = sides[0][:, None].expand(-1, width, -1), sides[1][None].expand(height, -1, -1)
    return torch.cat([rows, columns], dim=2).flatten(0, 1)[None]''')
