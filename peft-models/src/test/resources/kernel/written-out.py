  # The formulas of kernels.py in elementary operators that torch differentiates by itself; arrays that need gradients come first.
  def linear(self: __torch__.WrittenOut, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    y = torch.matmul(x, torch.transpose(w, 0, 1))
    if b is not None:
      y = torch.add(y, unchecked_cast(Tensor, b))
    return y
  def embedding(self: __torch__.WrittenOut, w: Tensor, ids: Tensor) -> Tensor:
    return torch.index_select(w, 0, ids)
  def rms_norm(self: __torch__.WrittenOut, x: Tensor, w: Tensor, eps: float) -> Tensor:
    square = torch.mean(torch.mul(x, x), [-1], True)
    return torch.mul(w, torch.div(x, torch.sqrt(torch.add(square, eps))))
  def layer_norm_without_weights(self: __torch__.WrittenOut, x: Tensor, eps: float) -> Tensor:
    c = torch.sub(x, torch.mean(x, [-1], True))
    variance = torch.mean(torch.mul(c, c), [-1], True)
    return torch.div(c, torch.sqrt(torch.add(variance, eps)))
  def layer_norm(self: __torch__.WrittenOut, x: Tensor, w: Tensor, b: Tensor, eps: float) -> Tensor:
    return torch.add(torch.mul(w, self.layer_norm_without_weights(x, eps)), b)
  def silu(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.div(x, torch.add(torch.exp(torch.neg(x)), 1.))
  def gelu(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.mul(torch.mul(x, 0.5), torch.add(torch.erf(torch.mul(x, 0.70710678118654752)), 1.))
  def gelu_tanh(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    inner = torch.mul(torch.add(x, torch.mul(torch.pow(x, 3), 0.044715)), 0.79788456080286536)
    return torch.mul(torch.mul(x, 0.5), torch.add(torch.tanh(inner), 1.))
  def relu(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.mul(x, torch.to(torch.gt(x, 0.), 6))
  def gelu_10(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.minimum(self.gelu(x), torch.full_like(x, 10.))
  def quick_gelu(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.div(x, torch.add(torch.exp(torch.mul(x, -1.702)), 1.))
  def relu2(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.pow(self.relu(x), 2)
  def relu6(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.minimum(self.relu(x), torch.full_like(x, 6.))
  def leaky_relu(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.where(torch.gt(x, 0.), x, torch.mul(x, 0.01))
  def mish(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.mul(x, torch.tanh(torch.log(torch.add(torch.exp(x), 1.))))
  def hardswish(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.div(torch.mul(x, self.relu6(torch.add(x, 3.))), 6.)
  def tanh(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    e = torch.exp(torch.mul(x, -2.))
    return torch.div(torch.sub(torch.ones_like(x), e), torch.add(e, 1.))
  def sigmoid(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.div(torch.ones_like(x), torch.add(torch.exp(torch.neg(x)), 1.))
  def sqrtsoftplus(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.sqrt(torch.log(torch.add(torch.exp(x), 1.)))
  def laplace(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    u = torch.div(torch.div(torch.sub(x, 0.707107), 0.282095), 1.4142135623730951)
    return torch.mul(torch.add(torch.erf(u), 1.), 0.5)
  def identity(self: __torch__.WrittenOut, x: Tensor) -> Tensor:
    return torch.mul(x, 1.)
  def swiglu(self: __torch__.WrittenOut, gate: Tensor, up: Tensor) -> Tensor:
    return torch.mul(self.silu(gate), up)
  def times(self: __torch__.WrittenOut, x: Tensor, y: Tensor) -> Tensor:
    return torch.mul(x, y)
  # As Hugging Face writes it: angles twice side by side, and the second half negated in the first one's place.
  def rotary(self: __torch__.WrittenOut, x: Tensor, positions: Tensor, frequencies: Tensor, factor: float) -> Tensor:
    half = torch.matmul(torch.reshape(torch.to(positions, 6), [-1, 1]), torch.reshape(frequencies, [1, -1]))
    angle = torch.unsqueeze(torch.cat([half, half], -1), 1)
    middle = torch.size(x, -1) // 2
    turned = torch.cat([torch.neg(torch.narrow(x, -1, middle, middle)), torch.narrow(x, -1, 0, middle)], -1)
    return torch.mul(torch.add(torch.mul(x, torch.cos(angle)), torch.mul(turned, torch.sin(angle))), factor)
  def rotary_partial(self: __torch__.WrittenOut, x: Tensor, positions: Tensor, frequencies: Tensor, factor: float) -> Tensor:
    size = 2 * torch.size(frequencies, 0)
    turned = self.rotary(torch.narrow(x, -1, 0, size), positions, frequencies, factor)
    return torch.cat([turned, torch.narrow(x, -1, size, torch.size(x, -1) - size)], -1)
  def soft_cap(self: __torch__.WrittenOut, x: Tensor, cap: float) -> Tensor:
    return torch.mul(torch.sub(torch.div(torch.full_like(x, 2.), torch.add(torch.exp(torch.div(x, -0.5 * cap)), 1.)), 1.), cap)
  # q [N, H, Dh], k and v [N, K, Dh]; masks [H, n, S] of each row.
  def attention(self: __torch__.WrittenOut, q: Tensor, k: Tensor, v: Tensor, pk: Optional[Tensor], pv: Optional[Tensor], lengths: List[int], masks: List[Tensor], scale: float, cap: float) -> Tensor:
    share = torch.size(q, 1) // torch.size(k, 1)
    rows = annotate(List[Tensor], [])
    start = 0
    for i in range(torch.len(lengths)):
      n = lengths[i]
      kr = torch.narrow(k, 0, start, n)
      vr = torch.narrow(v, 0, start, n)
      if pk is not None:
        kr = torch.cat([unchecked_cast(Tensor, pk), kr], 0)
        vr = torch.cat([unchecked_cast(Tensor, pv), vr], 0)
      keys = torch.repeat_interleave(torch.permute(kr, [1, 0, 2]), share, 0)
      values = torch.repeat_interleave(torch.permute(vr, [1, 0, 2]), share, 0)
      queries = torch.permute(torch.narrow(q, 0, start, n), [1, 0, 2])
      scores = torch.mul(torch.matmul(queries, torch.transpose(keys, 1, 2)), scale)
      if cap > 0.:
        scores = self.soft_cap(scores, cap)
      scores = torch.add(scores, masks[i])
      e = torch.exp(torch.sub(scores, torch.amax(scores, [-1], True)))
      p = torch.div(e, torch.sum(e, [-1], True))
      _0 = torch.append(rows, torch.permute(torch.matmul(p, values), [1, 0, 2]))
      start = start + n
    return torch.cat(rows, 0)
  # Heads of [q, k, v] each, or all q, all k, all v: [3, N, H, Dh].
  def split_interleaved(self: __torch__.WrittenOut, x: Tensor, heads: int) -> Tensor:
    parts = torch.reshape(x, [torch.size(x, 0), heads, 3, torch.size(x, 1) // (3 * heads)])
    return torch.permute(parts, [2, 0, 1, 3])
  def split_blocks(self: __torch__.WrittenOut, x: Tensor, heads: int) -> Tensor:
    parts = torch.reshape(x, [torch.size(x, 0), 3, heads, torch.size(x, 1) // (3 * heads)])
    return torch.permute(parts, [1, 0, 2, 3])
  def cross_entropy(self: __torch__.WrittenOut, logits: Tensor, targets: Tensor, weight: float) -> Tensor:
    total = torch.log(torch.sum(torch.exp(logits), [-1]))
    picked = torch.squeeze(torch.gather(logits, 1, torch.unsqueeze(targets, 1)), 1)
    return torch.reshape(torch.mul(torch.sum(torch.sub(total, picked)), weight), [1])
