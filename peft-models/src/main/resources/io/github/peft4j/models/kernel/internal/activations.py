  # Activation functions of transformers' ACT2FN, each with the gradient of its input.
  def silu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.silu(x)
  def silu_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.silu_backward(g, x)
  def gelu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.gelu(x, approximate="none")
  def gelu_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.gelu_backward(g, x, approximate="none")
  def gelu_tanh(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.gelu(x, approximate="tanh")
  def gelu_tanh_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.gelu_backward(g, x, approximate="tanh")
  # The lower bound of -10 is never met.
  def gelu_10(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.clamp_max_(torch.gelu(x, approximate="none"), 10.)
  def gelu_10_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    within = torch.le(torch.gelu(x, approximate="none"), 10.)
    return torch.gelu_backward(torch.mul(g, within), x, approximate="none")
  def quick_gelu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.mul_(torch.sigmoid_(torch.mul(x, 1.702)), x)
  def quick_gelu_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.silu_backward(g, torch.mul(x, 1.702))
  def relu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.relu(x)
  def relu_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.threshold_backward(g, x, 0)
  def relu2(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.square_(torch.relu(x))
  def relu2_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.mul_(torch.mul_(torch.relu(x), 2.), g)
  def relu6(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.hardtanh(x, 0., 6.)
  def relu6_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.hardtanh_backward(g, x, 0., 6.)
  def leaky_relu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.leaky_relu(x, 0.01)
  def leaky_relu_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.leaky_relu_backward(g, x, 0.01, False)
  def mish(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.mish(x)
  def mish_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.mish_backward(g, x)
  def hardswish(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.hardswish(x)
  def hardswish_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.hardswish_backward(g, x)
  def tanh(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.tanh(x)
  def tanh_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.tanh_backward(g, torch.tanh(x))
  def sigmoid(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.sigmoid(x)
  def sigmoid_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.sigmoid_backward(g, torch.sigmoid(x))
  def sqrtsoftplus(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.sqrt_(torch.softplus(x))
  def sqrtsoftplus_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.softplus_backward(torch.div(g, torch.mul_(self.sqrtsoftplus(x), 2.)), x, 1., 20.)
  # u = (x - mu) / (sigma sqrt 2) with mu = 0.707107 and sigma = 0.282095.
  def laplace_argument(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.div_(torch.sub(x, 0.707107), 0.39894257487763823)
  def laplace(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.mul_(torch.add_(torch.erf_(self.laplace_argument(x)), 1.), 0.5)
  # exp(-u^2) / (sigma sqrt(2 pi)).
  def laplace_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    density = torch.exp_(torch.neg_(torch.square_(self.laplace_argument(x))))
    return torch.mul_(torch.mul_(density, 1.4142125184828966), g)
  # A copy, since results are changed in place by those who own them.
  def identity(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.clone(x)
  def identity_gradient(self: __torch__.Kernels, g: Tensor, x: Tensor) -> Tensor:
    return torch.clone(g)

