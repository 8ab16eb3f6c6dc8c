package io.github.peft4j.models.kernel.internal;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What some modules do to one new token of each row, as one compiled method: while tokens are generated one by one, a call per operator
 * costs as much as the operators.
 *
 * <p>The text is in TorchScript's serialised syntax, may use every method of {@code kernels.py} and its neighbours, and reads
 *
 * <ul>
 *   <li>{@code x}: the hidden states [B, D];
 *   <li>{@code w}: what stays the same from token to token, weights above all;
 *   <li>{@code t}: what is computed once per token and shared by all layers, as rotary tables are;
 *   <li>{@code keys} and {@code values}: the rows' buffers [K, C, Dh], B of the first layer, B of the next, and so on;
 *   <li>{@code past}: how many places of each row's buffers are filled;
 *   <li>{@code one_dnn}: the last argument of the {@code linear} methods, none of which may get more rows than B.
 * </ul>
 */
public final class TokenProgram {

    private static final String HEADER =
            "  def token_step(self: __torch__.Kernels, x: Tensor, w: List[Tensor], t: List[Tensor],"
                    + " keys: List[Tensor], values: List[Tensor], past: List[int]) -> Tensor:\n    one_dnn = True\n";

    private static final Map<Device, Map<String, TokenProgram>> KNOWN = new ConcurrentHashMap<>();

    private final Device device;
    private final String text;
    /** By the sources for products, which depend on the number of rows. */
    private final Map<List<String>, KernelLibrary> compiled = new ConcurrentHashMap<>();

    private TokenProgram(Device device, String body) {
        this.device = device;
        this.text = HEADER + body;
    }

    /**
     * The program of a text, compiled when it first runs: models of one make share one, whatever their weights.
     *
     * @param body the lines of the method, indented by four spaces, the last of them a {@code return}
     */
    public static TokenProgram of(Device device, String body) {
        return KNOWN.computeIfAbsent(device, unused -> new ConcurrentHashMap<>())
                .computeIfAbsent(body, text -> new TokenProgram(device, text));
    }

    /**
     * Runs the program and leaves the new keys and values in the buffers, which must have room for them.
     *
     * @param past one number per row
     * @return the program's result, owned by {@code owner}
     * @throws EngineException if the text does not compile
     */
    public NDArray run(
            Scope owner,
            NDArray x,
            List<NDArray> weights,
            List<NDArray> tables,
            List<NDArray> keys,
            List<NDArray> values,
            int[] past) {
        List<String> products = KernelLibrary.forDevice(device).products().forTokens(x);
        KernelLibrary library =
                compiled.computeIfAbsent(products, sources -> KernelLibrary.withKernels(device, sources, text));
        return (NDArray)
                Objects.requireNonNull(library.call(owner, "token_step", x, weights, tables, keys, values, past));
    }
}
