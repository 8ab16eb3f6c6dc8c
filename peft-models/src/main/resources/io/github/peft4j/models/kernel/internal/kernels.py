  # Shapes: N tokens of all rows end to end, D hidden, H heads, K key/value heads, J = H / K, Dh head size, V vocabulary, S keys of a row.
  # dtypes as numbers: 5 half, 6 float, 15 bfloat16.
  def dtype_of(self: __torch__.Kernels, x: Tensor) -> int:
    return ops.prim.dtype(x)
  # Whether torch's autograd would lead a gradient into it; the engine's own question ends the process on other arrays.
  def is_in_graph(self: __torch__.Kernels, x: Tensor) -> bool:
    return ops.prim.requires_grad(x)
  def none(self: __torch__.Kernels) -> Optional[Tensor]:
    return None
  def no_tensors(self: __torch__.Kernels) -> List[Tensor]:
    return annotate(List[Tensor], [])
  # The same memory, its bits read as bfloat16; view's overload for dtypes cannot be named here.
  def as_bf16(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.set_(torch.empty([0], dtype=15, layout=None, device=ops.prim.device(x)), x)
  def cast(self: __torch__.Kernels, x: Tensor, dtype: int) -> Tensor:
    return torch.to(x, dtype, False, True)
  # In the host's memory, row by row; the same memory where it is so already.
  def to_host(self: __torch__.Kernels, x: Tensor, dtype: int) -> Tensor:
    return torch.contiguous(torch.to(x, torch.device("cpu"), dtype, False, False))
  def zeros_like(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.zeros_like(x)
  def zeros(self: __torch__.Kernels, like: Tensor, shape: List[int], dtype: int) -> Tensor:
    return torch.zeros(shape, dtype=dtype, layout=None, device=ops.prim.device(like))
  def copy(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.clone(x)
  def contiguous(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.contiguous(x)
  def cat(self: __torch__.Kernels, x: List[Tensor], dim: int) -> Tensor:
    return torch.cat(x, dim)
  def copy_into(self: __torch__.Kernels, target: Tensor, dim: int, start: int, source: Tensor) -> Tensor:
    return torch.copy_(torch.narrow(target, dim, start, torch.size(source, dim)), source)
  def assign(self: __torch__.Kernels, target: Tensor, source: Tensor) -> Tensor:
    return torch.copy_(target, source)
  def index_select(self: __torch__.Kernels, x: Tensor, index: Tensor) -> Tensor:
    return torch.index_select(x, 0, index)
  def index_copy(self: __torch__.Kernels, x: Tensor, index: Tensor, values: Tensor) -> Tensor:
    return torch.index_copy(x, 0, index, values)
  def index_add(self: __torch__.Kernels, g: Tensor, index: Tensor, rows: int) -> Tensor:
    size = torch.size(g)
    shape = torch.add([rows], torch.slice(size, 1, 9223372036854775807, 1))
    return torch.index_add_(torch.zeros(shape, dtype=ops.prim.dtype(g), layout=None, device=ops.prim.device(g)), 0, index, g)
  def scale(self: __torch__.Kernels, x: Tensor, factor: float) -> Tensor:
    return torch.mul(x, factor)
  def scale_(self: __torch__.Kernels, x: Tensor, factor: float) -> Tensor:
    return torch.mul_(x, factor)
  # x + addend in float32.
  def plus(self: __torch__.Kernels, x: Tensor, addend: float) -> Tensor:
    return torch.add(torch.to(x, 6), addend)
  def sum_rows(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.sum(torch.flatten(x, 0, -2), [0], False, dtype=6)
  def max_abs(self: __torch__.Kernels, x: Tensor) -> float:
    if torch.eq(torch.numel(x), 0):
      largest = 0.
    else:
      largest = float(torch.item(torch.max(torch.abs(x))))
    return largest
  def all_finite(self: __torch__.Kernels, x: Tensor) -> bool:
    return bool(torch.item(torch.all(torch.isfinite(x))))
  def argmax(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.argmax(x, -1)

  # Weight gradient of y = x w^T: g^T x [out, in]. A 16-bit product would round its sums to 2 or 3 digits, and overflow in float16.
  def outer(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.mm(torch.t(torch.to(g, 6)), torch.to(x, 6))

  def embedding(self: __torch__.Kernels, w: Tensor, ids: Tensor) -> Tensor:
    return torch.embedding(w, ids)
  def embedding_gradient(self: __torch__.Kernels, g: Tensor, ids: Tensor, rows: int) -> Tensor:
    return self.index_add(torch.to(g, 6), ids, rows)

  # Tables w [V, D], or biases [V], that go on with one row [1, D] or entry [1] over and over: to `rows` in all.
  def mean_row(self: __torch__.Kernels, w: Tensor, dtype: int) -> Tensor:
    return torch.to(torch.unsqueeze(torch.mean(w, [0], False, dtype=6), 0), dtype)
  def grown(self: __torch__.Kernels, w: Tensor, row: Tensor, rows: int) -> Tensor:
    size = torch.size(w)
    more = torch.add([rows - torch.size(w, 0)], torch.slice(size, 1, 9223372036854775807, 1))
    return torch.cat([w, torch.expand(torch.to(row, ops.prim.dtype(w)), more)], 0)
  def grown_embedding(self: __torch__.Kernels, w: Tensor, row: Tensor, ids: Tensor) -> Tensor:
    last = torch.size(w, 0) - 1
    own = torch.embedding(w, torch.clamp_max(ids, last))
    return torch.where(torch.unsqueeze(torch.le(ids, last), 1), own, torch.to(row, ops.prim.dtype(w)))
  # y = x w^T [N, V] with the outputs of the rows that follow, and a bias of all.
  def grown_outputs(self: __torch__.Kernels, y: Tensor, x: Tensor, row: Tensor, rows: int, b: Optional[Tensor]) -> Tensor:
    more = torch.expand(torch.linear(x, torch.to(row, ops.prim.dtype(x)), None), [-1, rows - torch.size(y, 1)])
    z = torch.cat([y, more], 1)
    if b is None:
      result = z
    else:
      result = torch.add(z, unchecked_cast(Tensor, b))
    return result
  # What those rows add to the input's gradient [N, D], with what there is already.
  def grown_gradient(self: __torch__.Kernels, g: Tensor, own: int, row: Tensor, other: Optional[Tensor]) -> Tensor:
    sum = torch.sum(torch.narrow(g, 1, own, torch.size(g, 1) - own), [1], True, dtype=6)
    more = torch.to(torch.mul(sum, row), ops.prim.dtype(g))
    if other is None:
      result = more
    else:
      result = torch.add(unchecked_cast(Tensor, other), more)
    return result

  # RMSNorm: y = w * x / sqrt(mean(x^2) + eps), statistics in float32. Few large arrays are made, since the system's allocator is slow with them.
  def reciprocal_rms(self: __torch__.Kernels, x: Tensor, eps: float) -> Tensor:
    n = torch.linalg_vector_norm(x, 2, [-1], True, dtype=6)
    return torch.rsqrt_(torch.add_(torch.mul_(torch.mul(n, n), 1.0 / float(torch.size(x, -1))), eps))
  # x y in float32; x's memory is used again if it was made for this.
  def product_float(self: __torch__.Kernels, x: Tensor, y: Tensor) -> Tensor:
    if torch.eq(ops.prim.dtype(x), 6):
      z = torch.mul(x, y)
    else:
      z = torch.mul_(torch.to(x, 6), y)
    return z
  def rms_norm(self: __torch__.Kernels, x: Tensor, w: Tensor, eps: float) -> Tensor:
    h = torch.to(self.product_float(x, self.reciprocal_rms(x, eps)), ops.prim.dtype(x))
    return torch.mul_(h, w)
  # With h = x r and c = mean(g w h): (g w - h c) r.
  def rms_norm_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor, w: Tensor, eps: float) -> Tensor:
    if self.has_weight_norm(x, w):
      result = self.by_weight_norm(g, x, w, eps)
    else:
      r = self.reciprocal_rms(x, eps)
      h = self.product_float(x, r)
      gw = self.product_float(g, w)
      c = torch.mean(torch.mul(gw, h), [-1], True)
      result = torch.to(torch.mul_(torch.addcmul_(gw, h, c, value=-1), r), ops.prim.dtype(x))
    return result
  # The gradient of weight normalisation, v s / |v|, is s / n gw - s / n^3 sum(gw v) v, in one pass. With s = sqrt(D) and n = sqrt(D) / r it is
  # RMSNorm's. s has x's format, so it must fit: in bfloat16 that is where D is a square, or nearly one.
  def has_weight_norm(self: __torch__.Kernels, x: Tensor, w: Tensor) -> bool:
    fits = False
    dtype = ops.prim.dtype(x)
    if torch.__not__(ops.prim.is_cuda(x)) and torch.gt(torch.numel(x), 0) and (dtype == 6 or dtype == 15) and ops.prim.dtype(w) == dtype:
      s = float(torch.item(self.roots(x, 1)))
      d = float(torch.size(x, -1))
      fits = s * s < d * 1.000001 and s * s > d * 0.999999
    return fits
  # sqrt(D) in x's format [n, 1].
  def roots(self: __torch__.Kernels, x: Tensor, n: int) -> Tensor:
    return torch.full([n, 1], torch.sqrt(float(torch.size(x, -1))), dtype=ops.prim.dtype(x), layout=None, device=ops.prim.device(x))
  def by_weight_norm(self: __torch__.Kernels, g: Tensor, x: Tensor, w: Tensor, eps: float) -> Tensor:
    size = torch.size(x)
    v = torch.contiguous(torch.flatten(x, 0, -2))
    n = torch.linalg_vector_norm(v, 2, [-1], True, dtype=6)
    n = torch.sqrt_(torch.add_(torch.mul_(n, n), eps * float(torch.size(x, -1))))
    gw = torch.reshape(torch.mul(g, w), torch.size(v))
    gv, gs = torch._weight_norm_interface_backward(gw, v, self.roots(x, torch.size(v, 0)), n, 0)
    return torch.reshape(gv, size)
  # w in float32, and a product that is rounded only at its end, as Gemma and OLMo 2 have it.
  def rms_norm_exact(self: __torch__.Kernels, x: Tensor, w: Tensor, eps: float) -> Tensor:
    return torch.to(torch.mul_(self.product_float(x, self.reciprocal_rms(x, eps)), w), ops.prim.dtype(x))
  def rms_norm_weight_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor, eps: float) -> Tensor:
    return self.sum_rows(torch.mul(torch.mul(x, self.reciprocal_rms(x, eps)), g))

  # cap * tanh(x / cap), and the gradient of x.
  def soft_cap(self: __torch__.Kernels, x: Tensor, cap: float) -> Tensor:
    return torch.mul_(torch.tanh_(torch.div(x, cap)), cap)
  def soft_cap_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor, cap: float) -> Tensor:
    return torch.tanh_backward(g, torch.tanh_(torch.div(x, cap)))

  def layer_norm(self: __torch__.Kernels, x: Tensor, w: Optional[Tensor], b: Optional[Tensor], eps: float) -> Tensor:
    return torch.layer_norm(x, [torch.size(x, -1)], w, b, eps, False)
  # In float32 throughout: torch's 16-bit backward sums the weight's gradient in 16 bits and is off by percents.
  def layer_norm_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor, w: Optional[Tensor], eps: float) -> Tensor:
    shape = [torch.size(x, -1)]
    h = torch.to(x, 6)
    y, mean, rstd = torch.native_layer_norm(h, shape, None, None, eps)
    if w is None:
      gx, gw, gb = torch.native_layer_norm_backward(torch.to(g, 6), h, shape, mean, rstd, None, None, [True, False, False])
      result = gx
    else:
      v = torch.to(unchecked_cast(Tensor, w), 6)
      gx0, gw0, gb0 = torch.native_layer_norm_backward(torch.to(g, 6), h, shape, mean, rstd, v, None, [True, False, False])
      result = gx0
    return torch.to(result, ops.prim.dtype(x))
  def layer_norm_weight_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor, eps: float) -> Tensor:
    y, mean, rstd = torch.native_layer_norm(torch.to(x, 6), [torch.size(x, -1)], None, None, eps)
    return self.sum_rows(torch.mul_(y, g))

  def swiglu(self: __torch__.Kernels, gate: Tensor, up: Tensor) -> Tensor:
    return torch.mul_(torch.silu(gate), up)
  def swiglu_gradient(self: __torch__.Kernels, g: Tensor, gate: Tensor, up: Tensor) -> Tuple[Tensor, Tensor]:
    s = torch.silu(gate)
    dgate = torch.mul(g, up)
    return (torch.silu_backward(dgate, gate, grad_input=dgate), torch.mul_(s, g))

  # Rotary embedding of [N, H, Dh], halves rotated: cos and sin are [N, 1, Dh] with sin = [-s, s]; the inverse takes [s, -s].
  def rotary(self: __torch__.Kernels, x: Tensor, c: Tensor, s: Tensor) -> Tensor:
    half = torch.size(x, -1) // 2
    y = torch.mul(x, c)
    _0 = torch.addcmul_(torch.narrow(y, -1, 0, half), torch.narrow(x, -1, half, half), torch.narrow(s, -1, 0, half))
    _1 = torch.addcmul_(torch.narrow(y, -1, half, half), torch.narrow(x, -1, 0, half), torch.narrow(s, -1, half, half))
    return y
  # The same for the first values of each head, as many as the tables have; the rest stay.
  def rotary_partial(self: __torch__.Kernels, x: Tensor, c: Tensor, s: Tensor) -> Tensor:
    size = torch.size(c, -1)
    rest = torch.narrow(x, -1, size, torch.size(x, -1) - size)
    return torch.cat([self.rotary(torch.narrow(x, -1, 0, size), c, s), rest], -1)
  def rotary_tables(self: __torch__.Kernels, positions: Tensor, frequencies: Tensor, attention_factor: float, dtype: int) -> Tuple[Tensor, Tensor, Tensor]:
    angle = torch.unsqueeze(torch.mul(torch.unsqueeze(torch.to(positions, 6), 1), torch.unsqueeze(frequencies, 0)), 1)
    c = torch.mul(torch.cos(angle), attention_factor)
    s = torch.mul(torch.sin(angle), attention_factor)
    return (torch.to(torch.cat([c, c], -1), dtype), torch.to(torch.cat([torch.neg(s), s], -1), dtype), torch.to(torch.cat([s, torch.neg(s)], -1), dtype))

  # The summed cross-entropy of [n, V] logits; they become its gradient times `weight` if asked. A few rows at a time, whose float32
  # probabilities stay in the processor's cache; in float32 they are made where the logits lie. The largest probability of a row is
  # 1 / sum(exp(x - max(x))), which gives the log of the sum.
  def cross_entropy_of(self: __torch__.Kernels, logits: Tensor, targets: Tensor, weight: float, differentiate: bool) -> float:
    total = torch.zeros([], dtype=7, layout=None, device=ops.prim.device(logits))
    step = ops.prim.max(1, 524288 // torch.size(logits, 1))
    count = torch.size(logits, 0)
    start = 0
    while start < count:
      n = ops.prim.min(step, count - start)
      index = torch.unsqueeze(torch.narrow(targets, 0, start, n), 1)
      rows = torch.narrow(logits, 0, start, n)
      x = torch.to(rows, 6)
      below = torch.sub(torch.amax(x, [-1], True), torch.gather(x, 1, index))
      if differentiate and torch.__not__(ops.prim.is_cuda(x)):
        p = torch._softmax(x, -1, False, out=x)
      else:
        p = torch._softmax(x, -1, False)
      _0 = torch.add_(total, torch.sum(torch.sub(below, torch.log(torch.amax(p, [-1], True))), dtype=7))
      if differentiate:
        _1 = torch.mul_(torch.scatter_add_(p, 1, index, torch.full_like(index, -1., dtype=6)), weight)
        if ops.prim.is_cuda(x) or torch.ne(ops.prim.dtype(logits), 6):
          _2 = torch.copy_(rows, p)
      start = start + n
    return float(torch.item(total))
  # The summed loss; the logits become its gradient times `weight`.
  def cross_entropy(self: __torch__.Kernels, logits: Tensor, targets: Tensor, weight: float) -> float:
    return self.cross_entropy_of(logits, targets, weight, True)
  def cross_entropy_loss(self: __torch__.Kernels, logits: Tensor, targets: Tensor) -> float:
    return self.cross_entropy_of(logits, targets, 0., False)

  # Inverted dropout: a value is dropped where the hash of its place and of two random numbers lies below the threshold. The hash is
  # Wellons's "lowbias32" on the sequence a + i phi, with b between its rounds; its last shift, which leaves the high bits as they are,
  # is left out. 32-bit products wrap around on every device. No generator's state is read or changed.
  def dropout(self: __torch__.Kernels, x: Tensor, a: int, b: int, threshold: int, scale: float) -> Tensor:
    h = torch.mul_(torch.arange(torch.numel(x), dtype=3, layout=None, device=ops.prim.device(x)), -1640531527)
    h = torch.add_(h, a)
    h = torch.bitwise_xor_(h, torch.bitwise_and_(torch.bitwise_right_shift(h, 16), 65535))
    h = torch.bitwise_xor_(torch.mul_(h, 2146121005), b)
    h = torch.bitwise_xor_(h, torch.bitwise_and_(torch.bitwise_right_shift(h, 15), 131071))
    dropped = torch.reshape(torch.lt(torch.mul_(h, -2073254261), threshold), torch.size(x))
    return torch.masked_fill_(torch.mul(x, scale), dropped, 0.)

  def global_norm(self: __torch__.Kernels, g: List[Tensor]) -> float:
    return float(torch.item(torch.norm(torch.stack(torch._foreach_norm(g, 2)))))
  # Scales by min(1, limit / (norm + 1e-6)) as torch.nn.utils.clip_grad_norm_, then one AdamW step as torch.optim.AdamW.
  def clip_(self: __torch__.Kernels, g: List[Tensor], norm: float, limit: float) -> float:
    factor = limit / (norm + 1.0e-6)
    if factor < 1.:
      torch._foreach_mul_(g, factor)
    return factor
  def adamw_(self: __torch__.Kernels, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], s: List[Tensor], lr: float, beta1: float, beta2: float, weight_decay: float, eps: float) -> int:
    torch._foreach_add_(s, 1)
    torch._fused_adamw_(p, g, m, v, annotate(List[Tensor], []), s, lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay, eps=eps, amsgrad=False, maximize=False)
    return 0
  def expanded_zero(self: __torch__.Kernels, like: Tensor, shape: List[int], dtype: int) -> Tensor:
    return torch.expand(torch.zeros([1], dtype=dtype, layout=None, device=ops.prim.device(like)), shape)
  def empty_rows(self: __torch__.Kernels, like: Tensor, rows: int) -> Tensor:
    shape = torch.add([rows], torch.slice(torch.size(like), 1, 9223372036854775807, 1))
    return torch.empty(shape, dtype=ops.prim.dtype(like), layout=None, device=ops.prim.device(like))
