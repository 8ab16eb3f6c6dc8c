  # Queries q [N, H, Dh], keys and values k, v [P, K, Dh] that all of them see, J = H / K, gate [1] float32.
  # [N, H, Dh] -> [K, J*N, Dh]
  def by_group(self: __torch__.AdaptionKernels, x: Tensor, groups: int) -> Tensor:
    n = torch.size(x, 0)
    share = torch.size(x, 1) // groups
    dh = torch.size(x, 2)
    return torch.reshape(torch.permute(torch.reshape(x, [n, groups, share, dh]), [1, 2, 0, 3]), [groups, share * n, dh])
  # [K, J*N, Dh] -> [N, H, Dh]
  def by_token(self: __torch__.AdaptionKernels, x: Tensor, n: int) -> Tensor:
    groups = torch.size(x, 0)
    share = torch.size(x, 1) // n
    dh = torch.size(x, 2)
    return torch.reshape(torch.permute(torch.reshape(x, [groups, share, n, dh]), [2, 0, 1, 3]), [n, groups * share, dh])
  # gate softmax(q k^T scale) v and the probabilities [K, J*N, P].
  def attend(self: __torch__.AdaptionKernels, q: Tensor, k: Tensor, v: Tensor, gate: Tensor, scale: float) -> Tuple[Tensor, Tensor]:
    scores = torch.mul_(torch.bmm(self.by_group(q, torch.size(k, 1)), torch.permute(k, [1, 2, 0])), scale)
    p = torch.to(torch.softmax(scores, -1, dtype=6), ops.prim.dtype(q))
    y = self.by_token(torch.bmm(p, torch.transpose(v, 0, 1)), torch.size(q, 0))
    return (torch.to(torch.mul(y, gate), ops.prim.dtype(q)), p)
  # Gradients of the scores [K, J*N, P], of k, v and of the gate.
  def attend_gradient(self: __torch__.AdaptionKernels, g: Tensor, q: Tensor, v: Tensor, p: Tensor, gate: Tensor, scale: float) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    dtype = ops.prim.dtype(q)
    g3 = self.by_group(g, torch.size(v, 1))
    dp = torch.bmm(g3, torch.permute(v, [1, 2, 0]))
    dgate = torch.reshape(torch.sum(torch.mul(torch.to(dp, 6), p)), [1])
    ds = torch._softmax_backward_data(torch.to(torch.mul(dp, gate), dtype), p, -1, dtype)
    ds = torch.mul_(ds, scale)
    dk = torch.transpose(torch.bmm(torch.transpose(ds, 1, 2), self.by_group(q, torch.size(v, 1))), 0, 1)
    dv = torch.to(torch.mul(torch.transpose(torch.bmm(torch.transpose(p, 1, 2), g3), 0, 1), gate), dtype)
    return (ds, torch.contiguous(dk), torch.contiguous(dv), dgate)
  # Gradient of the queries [N, H, Dh] from that of the scores.
  def query_gradient(self: __torch__.AdaptionKernels, ds: Tensor, k: Tensor, n: int) -> Tensor:
    return self.by_token(torch.bmm(ds, torch.transpose(k, 0, 1)), n)
  # Keys [K, Dh, P] and gated values [K, P, Dh] as a new token's queries meet them.
  def token_keys(self: __torch__.AdaptionKernels, k: Tensor) -> Tensor:
    return torch.contiguous(torch.permute(k, [1, 2, 0]))
  def token_values(self: __torch__.AdaptionKernels, v: Tensor, gate: Tensor) -> Tensor:
    return torch.contiguous(torch.to(torch.mul(torch.transpose(v, 0, 1), gate), ops.prim.dtype(v)))
