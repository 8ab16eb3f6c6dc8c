  # What Hugging Face PEFT's utils/merge_utils.py does to the values of several adapters, and _svd_generalized_task_arithmetic of
  # tuners/lora/model.py to their sum; all float32, but for the singular vectors and values, which are float64.
  # x with all but the k largest absolute values zero.
  def largest(self: __torch__.CombinationKernels, x: Tensor, k: int) -> Tensor:
    flat = torch.reshape(x, [-1])
    values, index = torch.topk(torch.abs(flat), k)
    mask = torch.scatter(torch.zeros_like(flat), 0, index, 1.)
    return torch.mul(x, torch.reshape(mask, torch.size(x)))
  # The mean, at each place, of the weighted values whose sign the place has elected; zero where none has it.
  def elected(self: __torch__.CombinationKernels, values: List[Tensor], weighted: List[Tensor], total: bool) -> Tensor:
    stacked = torch.stack(values)
    signs = torch.sign(stacked)
    if total:
      votes = torch.sum(stacked, [0])
    else:
      votes = torch.sum(signs, [0])
    majority = torch.sub(torch.mul(torch.to(torch.ge(votes, 0), 6), 2.), 1.)
    mask = torch.to(torch.eq(signs, majority), 6)
    sums = torch.sum(torch.mul(torch.stack(weighted), mask), [0])
    return torch.div(sums, torch.clamp(torch.sum(mask, [0]), 1.))
  # A and B, float32, the largest singular values in B, from singular vectors u [out, k], s [k], vh [k, in].
  def factors(self: __torch__.CombinationKernels, u: Tensor, s: Tensor, vh: Tensor) -> Tuple[Tensor, Tensor]:
    return (torch.contiguous(torch.to(vh, 6)), torch.contiguous(torch.to(torch.mul(u, s), 6)))
  # x without what is further from zero than the quantile q of all values of a and b.
  def clamped(self: __torch__.CombinationKernels, x: Tensor, a: Tensor, b: Tensor, q: float) -> Tensor:
    all, index = torch.sort(torch.cat([torch.reshape(b, [-1]), torch.reshape(a, [-1])]))
    place = torch.mul(q, torch.sub(torch.numel(all), 1))
    low = int(torch.floor(place))
    high = int(torch.ceil(place))
    lower = torch.narrow(all, 0, low, 1)
    upper = torch.narrow(all, 0, high, 1)
    bound = torch.add(lower, torch.mul(torch.sub(upper, lower), torch.sub(place, low)))
    return torch.minimum(torch.maximum(x, torch.neg(bound)), bound)
