  # Rows too long to keep their probabilities: without a tiled kernel they are computed whole, and again in backward.
  def long_probabilities(self: __torch__.Kernels, q3: Tensor, k: Tensor, mask: Tensor, scale: float) -> Tensor:
    if torch.numel(mask) == 0:
      m = self.attention_mask(q3, torch.size(k, 0), 0, 0, torch.size(k, 1), 1, None, ops.prim.dtype(q3))
    else:
      m = mask
    if torch.size(m, 1) < torch.size(q3, 1):
      m = torch.repeat(m, [1, torch.size(q3, 1) // torch.size(m, 1), 1])
    return torch.softmax(torch.baddbmm(m, q3, torch.permute(k, [1, 2, 0]), beta=1, alpha=scale), -1)
  def long_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, scale: float) -> Tuple[Tensor, Tensor]:
    p = self.long_probabilities(self.by_group(q, torch.size(k, 1)), k, mask, scale)
    o = self.by_token(torch.bmm(p, torch.transpose(v, 0, 1)), torch.size(q, 0), torch.size(q, 1))
    return (o, torch.empty([0], dtype=6, layout=None, device=ops.prim.device(q)))
  def long_attention_gradient(self: __torch__.Kernels, g: Tensor, o: Tensor, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, lse: Tensor, scale: float) -> Tuple[Tensor, Tensor, Tensor]:
    groups = torch.size(k, 1)
    q3 = self.by_group(q, groups)
    d3 = self.by_group(g, groups)
    p = self.long_probabilities(q3, k, mask, scale)
    dv = torch.transpose(torch.bmm(torch.transpose(p, 1, 2), d3), 0, 1)
    ds = torch.mul_(torch._softmax_backward_data(torch.bmm(d3, torch.permute(v, [1, 2, 0])), p, -1, ops.prim.dtype(p)), scale)
    dq = self.by_token(torch.bmm(ds, torch.transpose(k, 0, 1)), torch.size(q, 0), torch.size(q, 1))
    return (dq, torch.transpose(torch.bmm(torch.transpose(ds, 1, 2), q3), 0, 1), dv)
