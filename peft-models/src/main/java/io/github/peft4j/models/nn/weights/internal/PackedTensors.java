package io.github.peft4j.models.nn.weights.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.PackedValues;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.kernel.packed.internal.StoredCodes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a weight that bitsandbytes packed before it was stored: NF4 codes under the weight's own name with {@code .absmax},
 * {@code .quant_map} and {@code .quant_state.bitsandbytes__nf4} beside them, with nested scales {@code .nested_absmax} and
 * {@code .nested_quant_map} too; or 8-bit codes with the layer's {@code SCB} and {@code weight_format}.
 *
 * @see <a href="https://github.com/bitsandbytes-foundation/bitsandbytes/blob/0.49.0/bitsandbytes/functional.py">QuantState.as_dict</a>
 */
public final class PackedTensors {

    private static final String STATE = ".quant_state.bitsandbytes__";

    private static final String NF4_STATE = STATE + "nf4";

    private static final JsonLimits STATE_LIMITS = JsonLimits.ofBytes(1 << 16);

    private final Checkpoint checkpoint;
    private final String weight;
    private final Quantization.Kind kind;
    private final Set<String> names = new LinkedHashSet<>();

    private PackedTensors(Checkpoint checkpoint, String weight, Quantization.Kind kind) {
        this.checkpoint = checkpoint;
        this.weight = weight;
        this.kind = kind;
    }

    /** Those of a weight, by its full name; null if it is not packed. */
    public static @Nullable PackedTensors of(Checkpoint checkpoint, String weight) throws CheckpointException {
        Set<String> names = checkpoint.names();
        if (names.contains(weight + NF4_STATE)) {
            PackedTensors found = new PackedTensors(checkpoint, weight, Quantization.Kind.NF4);
            found.names.add(weight);
            names.stream().filter(name -> name.startsWith(weight + ".")).forEach(found.names::add);
            return found;
        }
        String layer = weight.substring(0, weight.lastIndexOf('.') + 1);
        if (names.contains(layer + "SCB")
                && names.contains(weight)
                && checkpoint.info(weight).type() == StoredType.I8) {
            PackedTensors found = new PackedTensors(checkpoint, weight, Quantization.Kind.INT8);
            found.names.addAll(List.of(weight, layer + "SCB", layer + "weight_format"));
            return found;
        }
        return null;
    }

    /** Whether some weight of a checkpoint is packed. */
    public static boolean in(Checkpoint checkpoint) {
        return checkpoint.names().stream().anyMatch(name -> name.contains(STATE) || name.endsWith(".SCB"));
    }

    /** How many of a model's parameters a tensor holds: two in a byte of NF4, none in what stands beside packed weights. */
    public static long parameterCount(Checkpoint checkpoint, String name) throws CheckpointException {
        Set<String> names = checkpoint.names();
        if (names.contains(name + NF4_STATE)) {
            return 2 * checkpoint.info(name).byteSize();
        }
        int weight = name.indexOf(".weight.");
        boolean ofNf4 = weight >= 0 && names.contains(name.substring(0, weight) + ".weight" + NF4_STATE);
        String layer = name.substring(0, name.lastIndexOf('.') + 1);
        boolean ofInt8 =
                names.contains(layer + "SCB") && !name.equals(layer + "weight") && !name.equals(layer + "bias");
        return ofNf4 || ofInt8 ? 0 : checkpoint.info(name).elementCount();
    }

    Quantization.Kind kind() {
        return kind;
    }

    /** The tensors that belong to the weight, itself among them. */
    public Set<String> names() {
        return names;
    }

    /**
     * The weight's values [out, in].
     *
     * @param memory a direct buffer of at least so many bytes, its own only until this returns
     * @throws CheckpointException if something about them is not as expected
     */
    public PackedValues read(Scope owner, long out, long in, IntFunction<ByteBuffer> memory)
            throws CheckpointException {
        try {
            return kind == Quantization.Kind.NF4 ? nf4(owner, out, in, memory) : int8(owner, out, in, memory);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new CheckpointException(
                    weight + " as bitsandbytes packed it: " + e.getMessage() + " (" + checkpoint.source(weight) + ")",
                    e);
        }
    }

    private PackedValues nf4(Scope owner, long out, long in, IntFunction<ByteBuffer> memory)
            throws CheckpointException {
        Map<String, @Nullable Object> state = state();
        List<String> problems = new ArrayList<>();
        require(problems, state, "quant_type", "nf4");
        require(problems, state, "blocksize", StoredCodes.BLOCK);
        require(problems, state, "shape", List.of(out, in));
        boolean nested = state.containsKey("nested_blocksize");
        double offset = state.get("nested_offset") instanceof Number number ? number.doubleValue() : Double.NaN;
        if (nested) {
            require(problems, state, "nested_blocksize", 256);
            if (!Double.isFinite(offset)) {
                problems.add(
                        "expected a number as nested_offset, found " + JsonWriter.shown(state.get("nested_offset")));
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join(", ", problems));
        }
        // Sizes are looked at before anything is read onto the Java heap: they are the file's word.
        long blocks = StoredCodes.blocks(out, in);
        StoredCodes.requireTable(floats(weight + ".quant_map", StoredCodes.CODES));
        StoredCodes.Scales scales;
        if (nested) {
            ByteBuffer codes = bytes(weight + ".absmax", StoredType.U8, blocks, memory);
            byte[] ofScales = new byte[codes.remaining()];
            codes.get(ofScales);
            scales = new StoredCodes.Scales(
                    floats(weight + ".nested_absmax", StoredCodes.scalesOfScales(blocks)),
                    ofScales,
                    floats(weight + ".nested_quant_map", StoredCodes.NESTED_CODES),
                    (float) offset);
        } else {
            scales = StoredCodes.Scales.plain(floats(weight + ".absmax", blocks));
        }
        // Some are stored as numbers of another format (bnb_4bit_quant_storage); the bytes are the same.
        return StoredCodes.nf4(owner, out, in, bytes(weight, null, blocks * StoredCodes.BLOCK / 2, memory), scales);
    }

    private static void require(
            List<String> problems, Map<String, @Nullable Object> state, String key, Object expected) {
        String wanted = JsonWriter.shown(expected);
        String found = JsonWriter.shown(state.get(key));
        if (!wanted.equals(found)) {
            problems.add("expected " + key + " " + wanted + ", found " + found);
        }
    }

    private PackedValues int8(Scope owner, long out, long in, IntFunction<ByteBuffer> memory)
            throws CheckpointException {
        List<Long> shape = checkpoint.info(weight).shape();
        if (!shape.equals(List.of(out, in))) {
            throw new IllegalArgumentException("expected shape [" + out + ", " + in + "], found " + shape);
        }
        String layer = weight.substring(0, weight.lastIndexOf('.') + 1);
        ByteBuffer codes = bytes(weight, StoredType.I8, Math.multiplyExact(out, in), memory);
        return StoredCodes.int8(owner, out, in, codes, floats(layer + "SCB", out));
    }

    private Map<String, @Nullable Object> state() throws CheckpointException {
        String name = weight + NF4_STATE;
        long size = checkpoint.info(name).byteSize();
        if (size > STATE_LIMITS.bytes()) {
            throw new IllegalArgumentException(
                    "expected a state of " + STATE_LIMITS.bytes() + " bytes at most, found " + size);
        }
        ByteBuffer bytes = bytes(name, StoredType.U8, size, ByteBuffer::allocate);
        byte[] text = new byte[bytes.remaining()];
        bytes.get(text);
        try {
            return InputFile.json(text, "its state", STATE_LIMITS);
        } catch (CheckpointException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private float[] floats(String name, long count) throws CheckpointException {
        ByteBuffer bytes = bytes(name, StoredType.F32, Math.multiplyExact(count, Float.BYTES), ByteBuffer::allocate);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    private ByteBuffer bytes(String name, @Nullable StoredType type, long size, IntFunction<ByteBuffer> memory)
            throws CheckpointException {
        if (!checkpoint.names().contains(name)) {
            throw new IllegalArgumentException("expected a tensor " + name + ", found none");
        }
        TensorInfo info = checkpoint.info(name);
        if (type != null && info.type() != type) {
            throw new IllegalArgumentException("expected " + name + " as " + type + ", found " + info.type());
        }
        if (info.byteSize() != size) {
            throw new IllegalArgumentException("expected " + size + " bytes of " + name + ", found " + info.byteSize());
        }
        ByteBuffer target = memory.apply(Math.toIntExact(size));
        checkpoint.copyRows(name, 0, info.rowCount(), target);
        return target.flip();
    }
}
