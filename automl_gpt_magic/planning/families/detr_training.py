"""The source of how DETR learns and is measured, in a model cell: set loss, mean average precision, training."""

from __future__ import annotations

from string import Template

LOSS = Template('''\
def ${names}_corners(boxes):
    """Return left, top, right and bottom of boxes given by centre, width and height."""
    return torch.cat([boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., :2] + boxes[..., 2:] / 2], dim=-1)


def ${names}_overlap(boxes, others):
    """Return the generalised IoU (Rezatofighi et al. 2019) of boxes of the same shape, or of each with each."""
    boxes, others = ${names}_corners(boxes), ${names}_corners(others)

    def area(corners):
        return (corners[..., 2:] - corners[..., :2]).clamp(min=0).prod(-1)

    low, high = torch.minimum, torch.maximum
    shared = area(torch.cat([high(boxes[..., :2], others[..., :2]), low(boxes[..., 2:], others[..., 2:])], -1))
    around = area(torch.cat([low(boxes[..., :2], others[..., :2]), high(boxes[..., 2:], others[..., 2:])], -1))
    union = area(boxes) + area(others) - shared
    return shared / union.clamp(min=1e-9) - (around - union) / around.clamp(min=1e-9)


def ${names}_matched(scores, boxes, wanted):
    """Return image, query and object of the cheapest matching of all objects (Hungarian algorithm)."""
    pairs = []
    with torch.no_grad():
        for place, objects in enumerate(wanted):
            cost = -scores[place].softmax(-1)[:, objects[:, 0].long()]
            cost = cost + 5 * torch.cdist(boxes[place], objects[:, 1:], p=1)
            cost = cost - 2 * ${names}_overlap(boxes[place][:, None], objects[None, :, 1:])
            chosen = linear_sum_assignment(cost.nan_to_num(0).cpu())
            pairs += [(place, query, number) for query, number in zip(*chosen, strict=True)]
    return pairs


def ${names}_loss(outputs, wanted):
    """Return the set loss: class, box and overlap of what each query is matched with, after each decoder layer."""
    total, n_objects = 0, max(1, sum(map(len, wanted)))
    for scores, boxes in zip(*outputs, strict=True):
        pairs = ${names}_matched(scores, boxes, wanted)
        n_classes = scores.shape[-1] - 1
        classes = torch.full(scores.shape[:2], n_classes, device=scores.device)  # no object
        weights = torch.ones(n_classes + 1, device=scores.device)
        weights[-1] = 0.1  # most queries find nothing
        if pairs:
            images, queries, _ = map(list, zip(*pairs, strict=True))
            objects = torch.stack([wanted[image][number] for image, _, number in pairs])
            classes[images, queries] = objects[:, 0].long()
            found = boxes[images, queries]
            total = total + 5 * (found - objects[:, 1:]).abs().sum() / n_objects
            total = total + 2 * (1 - ${names}_overlap(found, objects[:, 1:])).sum() / n_objects
        total = total + nn.functional.cross_entropy(scores.transpose(1, 2), classes, weights)
    return total''')

PRECISION = Template('''\
def ${names}_precisions(found, wanted, n_classes):
    """Return COCO's average precision for each class that is there and each IoU from 0.50 to 0.95: (classes, 10).

    Of each image count the 100 likeliest boxes of a class. A box is right if it overlaps an object of its class enough
    that no likelier box has taken; precision is read at 101 recalls from 0 to 1.
    """
    levels, precisions = np.linspace(0.5, 0.95, 10), []
    for number in range(n_classes):
        objects = [one[one[:, 0] == number, 1:] for one in wanted]
        if not sum(map(len, objects)):
            continue
        scores, right = [np.empty(0)], [np.empty((10, 0), dtype=bool)]
        for boxes, here in zip(found, objects, strict=True):
            boxes = boxes[boxes[:, 0] == number]
            boxes = boxes[np.argsort(-boxes[:, 1], kind='stable')][:100]
            scores.append(boxes[:, 1])
            right.append(${names}_right(boxes[:, 2:], here, levels))
        order = np.argsort(-np.concatenate(scores), kind='stable')
        right = np.concatenate(right, axis=1)[:, order].cumsum(axis=1)
        recall, precision = right / sum(map(len, objects)), right / np.arange(1, right.shape[1] + 1)
        precision = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        precision = np.pad(precision, ((0, 0), (0, 1)))  # a recall that is not reached counts 0
        read = [row[np.searchsorted(reached, np.linspace(0, 1, 101))].mean() for row, reached in zip(precision, recall)]
        precisions.append(read)
    return np.array(precisions)


def ${names}_right(boxes, objects, levels):
    """Return which boxes, likeliest first, are right at each level of overlap: (levels, boxes)."""
    right, free = np.zeros((len(levels), len(boxes)), dtype=bool), np.ones((len(levels), len(objects)), dtype=bool)
    if not len(objects):
        return right
    low, high = boxes[:, None, :2] - boxes[:, None, 2:] / 2, boxes[:, None, :2] + boxes[:, None, 2:] / 2
    low_there, high_there = objects[:, :2] - objects[:, 2:] / 2, objects[:, :2] + objects[:, 2:] / 2
    shared = (np.minimum(high, high_there) - np.maximum(low, low_there)).clip(0).prod(axis=2)
    overlaps = shared / (boxes[:, 2:].prod(axis=1)[:, None] + objects[:, 2:].prod(axis=1) - shared + 1e-12)
    for place, overlap in enumerate(overlaps):
        allowed = np.where(free & (overlap >= levels[:, None] - 1e-9), overlap, -1)
        best = allowed.argmax(axis=1)
        right[:, place] = allowed.max(axis=1) >= 0
        free[right[:, place], best[right[:, place]]] = False
    return right''')

MODEL = Template('''\
class ${names}_Detector(BaseEstimator):
    """DETR behind scikit-learn's fit and predict; it computes on the GPU where there is one."""

    def __init__(
        self,
        n_classes,
$parameters
        early_stopping_rounds=None,
        random_state=0,
    ):
        self.n_classes = n_classes
$assignments
        self.early_stopping_rounds = early_stopping_rounds
        self.random_state = random_state

    def train_epochs(self, x, y):
        """Train a new network, and pause after every epoch."""
        torch.manual_seed(self.random_state)
        x, y = ${names}_tensor(x), [${names}_tensor(objects) for objects in y]
        self.shape_ = tuple(x.shape[1:])
        self.network_ = self.new_network()
        others = [weights for name, weights in self.network_.named_parameters() if not name.startswith('backbone')]
        optimizer = torch.optim.AdamW(
            [{'params': others}, {'params': self.network_.backbone.parameters(), 'lr': self.backbone_learning_rate}],
            lr=self.learning_rate,
            weight_decay=self.weight_decay,
        )
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, self.drop_epoch)
        for epoch in range(1, self.epochs + 1):
            with ${names}_on_device(self.network_) as device:
                self.network_.train()
                for rows in torch.randperm(len(x)).split(self.batch_size):
                    images, objects = self.mirrored(x[rows], [y[row] for row in rows])
                    optimizer.zero_grad()
                    loss = ${names}_loss(self.network_(images.to(device)), [one.to(device) for one in objects])
                    loss.backward()
                    nn.utils.clip_grad_norm_(self.network_.parameters(), self.gradient_clip)
                    optimizer.step()
            schedule.step()
            ${names}_check(loss)
            yield epoch

    def mirrored(self, images, objects):
        """Return images and boxes, a random share of them with left and right exchanged."""
        flipped = torch.rand(len(images)) < self.flip
        images = torch.where(flipped[:, None, None, None], images.flip(3), images)
        sides = [one * torch.tensor([1, -1, 1, 1, 1]) + torch.tensor([0, 1, 0, 0, 0]) for one in objects]
        return images, [side if flip else one for side, one, flip in zip(sides, objects, flipped, strict=True)]

    def new_network(self):
        return ${names}_Network(self.shape_, self.n_classes, $arguments)

    def fit(self, x, y):
        for _ in self.train_epochs(x, y):
            pass
        return self

    def outputs(self, x):
        """Return class scores and boxes after each layer of the decoder."""
        with ${names}_on_device(self.network_) as device, torch.no_grad():
            self.network_.eval()
            parts = [self.network_(part.to(device)) for part in ${names}_tensor(x).split(64)]
            scores, boxes = (torch.cat([one.cpu() for one in some], dim=1) for some in zip(*parts, strict=True))
        ${names}_check(scores)
        return scores, boxes

    def predict(self, x):
        """Return an array for each image, a row a query, the likeliest first.

        A row is class, probability, and centre, width and height of the box as shares of the image.
        """
        return ${names}_likeliest(*(given[-1] for given in self.outputs(x)))

    def measure(self, x, y):
        """Return the log's metrics: COCO's mean average precision at an IoU of 0.5 and on average, and the loss."""
        outputs = self.outputs(x)
        found = ${names}_likeliest(*(given[-1] for given in outputs))
        precisions = ${names}_precisions(found, y, self.n_classes)
        loss = ${names}_loss(outputs, [${names}_tensor(objects) for objects in y])
        means = precisions.mean(axis=0) if len(precisions) else np.full(10, np.nan)
        return {'map_50': float(means[0]), 'map': float(means.mean()), 'loss': float(loss)}


def ${names}_likeliest(scores, boxes):
    """Return class, probability and box of every query, for each image the likeliest first."""
    probabilities, classes = scores.softmax(-1)[..., :-1].max(-1)
    found = torch.cat([classes[..., None], probabilities[..., None], boxes], dim=-1).double().numpy()
    images = np.empty(len(found), dtype=object)
    images[:] = [one[np.argsort(-one[:, 1], kind='stable')] for one in found]
    return images


$helpers


def ${names}_build(hyperparameters):
    """Return an untrained model."""
    return ${names}_Detector(len(${names}_classes), **hyperparameters)''')
