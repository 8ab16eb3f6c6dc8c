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
 * <p>The text is in TorchScript's serialised syntax, may use every method of {@code kernels.py} and {@code decode.py}, and reads
 *
 * <ul>
 *   <li>{@code x}: the hidden states [B, D];
 *   <li>{@code w}: what stays the same from token to token, weights above all;
 *   <li>{@code t}: what is computed once per token and shared by all layers, as rotary tables are;
 *   <li>{@code keys} and {@code values}: the rows' buffers [K, C, Dh], B of the first layer, B of the next, and so on;
 *   <li>{@code past}: how many places of each row's buffers are filled;
 *   <li>{@code one_dnn}: the last argument of the {@code linear} methods.
 * </ul>
 */
public final class TokenProgram {

    private static final String HEADER =
            "  def token_step(self: __torch__.Kernels, x: Tensor, w: List[Tensor], t: List[Tensor],"
                    + " keys: List[Tensor], values: List[Tensor], past: List[int], one_dnn: bool) -> Tensor:\n";

    private static final Map<Device, Map<String, TokenProgram>> COMPILED = new ConcurrentHashMap<>();

    private final KernelLibrary library;

    private TokenProgram(KernelLibrary library) {
        this.library = library;
    }

    /**
     * Compiles a text, or finds it compiled: models of one make share one program, whatever their weights.
     *
     * @param body the lines of the method, indented by four spaces, the last of them a {@code return}
     * @throws EngineException if the text does not compile
     */
    public static TokenProgram of(Device device, String body) {
        return COMPILED.computeIfAbsent(device, unused -> new ConcurrentHashMap<>())
                .computeIfAbsent(
                        body,
                        text -> new TokenProgram(KernelLibrary.withMethods(
                                device, ScriptArchive.source(KernelLibrary.class, "decode.py") + HEADER + text)));
    }

    /**
     * Runs the program and leaves the new keys and values in the buffers, which must have room for them.
     *
     * @param past one number per row
     * @return the program's result, owned by {@code owner}
     */
    public NDArray run(
            Scope owner,
            NDArray x,
            List<NDArray> weights,
            List<NDArray> tables,
            List<NDArray> keys,
            List<NDArray> values,
            int[] past) {
        boolean oneDnn = library.products().tokensByOneDnn(x);
        return (NDArray) Objects.requireNonNull(
                library.call(owner, "token_step", x, weights, tables, keys, values, past, oneDnn));
    }
}
