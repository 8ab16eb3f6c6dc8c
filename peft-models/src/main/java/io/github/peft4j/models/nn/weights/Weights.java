package io.github.peft4j.models.nn.weights;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.nn.weights.internal.PackedTensors;
import io.github.peft4j.models.nn.weights.internal.StoredArrays;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A checkpoint's tensors addressed by pushed path segments, as weights of a model: {@code weights.at("layers").at(3).take("weight", out,
 * in)}. A tensor already in the wanted format is used where the file is mapped; others are converted one by one.
 *
 * <p>Problems are collected: {@link #build} throws one exception that lists every missing, mis-shaped and unexpected tensor.
 */
public final class Weights {

    private static final Logger LOG = LoggerFactory.getLogger(Weights.class);

    /** Buffers end at 2 GiB; a larger tensor is read in ranges of rows. */
    private static final long LARGEST_BUFFER = Integer.MAX_VALUE - 8L;

    /** What is copied is read in pieces of about this many bytes. */
    private static final long PIECE = 8L << 20;

    /** What is packed: passing results take twenty times as much as a piece, and these stay in the cache. */
    private static final long PACKED_PIECE = 256L << 10;

    private final LoadingSession session;
    private final String path;

    private Weights(LoadingSession session, String path) {
        this.session = session;
        this.path = path;
    }

    /**
     * The root of a checkpoint.
     *
     * @param checkpoint stays open, and reachable, as long as the weights are used
     * @param scope owns the arrays
     * @param precision the format of the weights
     */
    public static Weights of(Checkpoint checkpoint, Scope scope, Precision precision) {
        return of(checkpoint, scope, precision, (Quantization) null);
    }

    /**
     * The root of a checkpoint.
     *
     * @param quantization how {@link #takeMatrix} packs the weights of linear layers, or null for not at all
     */
    public static Weights of(
            Checkpoint checkpoint, Scope scope, Precision precision, @Nullable Quantization quantization) {
        return new Weights(new LoadingSession(checkpoint, scope, precision, quantization, LARGEST_BUFFER), "");
    }

    static Weights of(Checkpoint checkpoint, Scope scope, Precision precision, long largestBuffer) {
        return new Weights(new LoadingSession(checkpoint, scope, precision, null, largestBuffer), "");
    }

    /** Weights of whatever shapes a model asks for, with no values and no memory behind them: enough to count them. */
    public static Weights ofShapes(Scope scope, Precision precision) {
        return new Weights(new LoadingSession(new NoTensors(), scope, precision, null, LARGEST_BUFFER), "");
    }

    private void note(String problem) {
        if (!session.shapesOnly()) {
            session.problems.add(problem);
        }
    }

    /** The tensors below a path segment. */
    public Weights at(String segment) {
        return new Weights(session, path.isEmpty() ? segment : path + "." + segment);
    }

    /** The tensors below a numbered segment. */
    public Weights at(int index) {
        return at(Integer.toString(index));
    }

    /** The tensors below a segment that some checkpoints leave out, as those saved from a model without its head. */
    public Weights atIfPresent(String segment) {
        Weights below = at(segment);
        return session.checkpoint.names().stream().anyMatch(n -> n.startsWith(below.path + ".")) ? below : this;
    }

    /** Whether there is a tensor of this name here; of shapes alone there is any. */
    public boolean has(String name) {
        return session.shapesOnly()
                || session.checkpoint.names().contains(session.ties.getOrDefault(full(name), full(name)));
    }

    /**
     * Declares two tensors of one name to be one weight, whichever of them the checkpoint holds; to be called before either is taken.
     * Where it holds two different ones the config is wrong about it, and they stay two; Hugging Face's {@code tie_weights} does so.
     */
    public void tie(Weights other, String name) {
        String first = full(name);
        String second = other.full(name);
        try {
            if (!session.shapesOnly()
                    && has(name)
                    && other.has(name)
                    && !StoredArrays.sameBytes(session.checkpoint, first, second, session.largestBuffer / 2)) {
                LOG.warn("{} and {} are to be one weight by the config, but the checkpoint holds two", first, second);
                return;
            }
        } catch (CheckpointException e) {
            note(String.valueOf(e.getMessage()));
        }
        if (other.has(name) || !has(name)) {
            session.ties.put(first, second);
        } else {
            session.ties.put(second, first);
        }
    }

    /** The same tensors, of which one may have an older name in the checkpoint. */
    public Weights orNamed(String name, String old) {
        if (!has(name) && has(old)) {
            session.ties.put(full(name), full(old));
        }
        return this;
    }

    /** The format of the weights. */
    public Precision precision() {
        return session.precision;
    }

    /** The owner of the weights. */
    public Scope scope() {
        return session.scope;
    }

    /** The weight {@code name} of a shape; taken twice, it is the same weight. A problem is noted for {@link #build}. */
    public Weight take(String name, long... shape) {
        String key = session.ties.getOrDefault(full(name), full(name));
        Weight known = session.shared.get(key);
        if (known == null) {
            known = read(name, key, shape);
            session.shared.put(key, known);
        }
        return known;
    }

    /** The matrix {@code name} of a linear layer, packed if the model is to be quantized; otherwise as {@link #take}. */
    public Weight takeMatrix(String name, long out, long in) {
        String key = full(name);
        Weight packed = stored(name, key, out, in);
        if (packed != null) {
            return packed;
        }
        Quantization quantization = session.quantization;
        if (quantization == null || problem(key, new long[] {out, in}) != null) {
            return take(name, out, in);
        }
        session.taken.add(key);
        try {
            TensorInfo info = session.checkpoint.info(key);
            Quantization.Packer packer = quantization.packer(session.scope);
            pieces(
                    key,
                    info,
                    new long[] {out, in},
                    PACKED_PIECE,
                    quantization.blockSize(),
                    (from, piece) -> packer.add(piece));
            return Weight.packed(name, packer.finish(), session.precision, session.scope);
        } catch (CheckpointException e) {
            note(String.valueOf(e.getMessage()));
            return take(name, out, in);
        }
    }

    /** The weight as it lies packed in the checkpoint, or null if it does not. */
    private @Nullable Weight stored(String name, String key, long out, long in) {
        try {
            PackedTensors tensors = PackedTensors.of(session.checkpoint, key);
            if (tensors == null) {
                return null;
            }
            session.taken.addAll(tensors.names());
            return Weight.packed(
                    name, tensors.read(session.scope, out, in, session::buffer), session.precision, session.scope);
        } catch (CheckpointException e) {
            note(String.valueOf(e.getMessage()));
            return null;
        }
    }

    /** Notes that a kind of layer cannot be quantized, if the model is to be. */
    public void refuseQuantization(String layers) {
        if (session.quantization != null) {
            note(layers + " cannot be quantized (" + path + ")");
        }
    }

    private String full(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private Weight read(String name, String key, long[] shape) {
        session.taken.add(key);
        String problem = problem(key, shape);
        try {
            if (problem == null) {
                TensorInfo info = session.checkpoint.info(key);
                return new Weight(name, load(key, info, shape), session.precision, session.scope, inPlace(info));
            }
            note(problem);
        } catch (CheckpointException | IllegalArgumentException e) {
            note(String.valueOf(e.getMessage()));
        }
        try (NDArray like = session.scope.longs(0)) {
            NDArray standIn = session.scope.kernels().expandedZero(like, shape, session.precision);
            return new Weight(name, standIn, session.precision, session.scope, true);
        }
    }

    private @Nullable String problem(String key, long[] shape) {
        if (!session.checkpoint.names().contains(key)) {
            return "missing " + Printable.excerpt(key) + ", expected shape " + Arrays.toString(shape);
        }
        try {
            List<Long> found = session.checkpoint.info(key).shape();
            return found.equals(Arrays.stream(shape).boxed().toList())
                    ? null
                    : Printable.excerpt(key) + " has shape " + found + ", expected " + Arrays.toString(shape);
        } catch (CheckpointException e) {
            return e.getMessage();
        }
    }

    private NDArray load(String key, TensorInfo info, long[] shape) throws CheckpointException {
        return inPlace(info)
                ? session.scope.mapped(session.checkpoint.bytes(key), session.precision, shape)
                : copied(key, info, shape);
    }

    /** Whether a tensor is used where the file is mapped: in the wanted format, and not too large for a buffer. */
    private boolean inPlace(TensorInfo info) {
        return info.type() == StoredArrays.type(session.precision) && info.byteSize() <= session.largestBuffer;
    }

    private NDArray copied(String key, TensorInfo info, long[] shape) throws CheckpointException {
        Kernels kernels = session.scope.kernels();
        NDArray whole = session.scope.zeros(session.precision, shape);
        pieces(key, info, shape, PIECE, 1, (from, piece) -> StoredArrays.put(kernels, whole, from, piece));
        return whole;
    }

    /** Takes rows from a number on; does not keep them. */
    private interface Rows {
        void take(long from, NDArray piece);
    }

    /**
     * What is converted, or too large for a buffer, is copied in ranges of rows into memory of its own; the file is not mapped, or its
     * pages would stay with the process for as long as the model.
     *
     * @param bytes of a range, about
     * @param multiple all ranges but the last hold a multiple of so many values
     */
    private void pieces(String key, TensorInfo info, long[] shape, long bytes, int multiple, Rows rows)
            throws CheckpointException {
        Precision stored = StoredArrays.requireReadable(session.checkpoint, info);
        long most = Math.min(bytes, session.largestBuffer);
        long step = Math.max(1, most / Math.max(1, info.rowByteSize()));
        step = (step + multiple - 1) / multiple * multiple;
        for (long from = 0; from < info.rowCount(); from += step) {
            long to = Math.min(info.rowCount(), from + step);
            ByteBuffer buffer = session.buffer((int) Math.min(LARGEST_BUFFER, (to - from) * info.rowByteSize()));
            session.checkpoint.copyRows(key, from, to, buffer);
            buffer.flip();
            ByteBuffer values = info.type() == StoredType.F64 ? StoredArrays.narrow(buffer) : buffer;
            try (NDArray piece = session.scope.mapped(values, stored, StoredArrays.part(shape, to - from))) {
                rows.take(from, piece);
            }
        }
    }

    /**
     * Builds a model from these weights.
     *
     * @param builder takes them one by one
     * @param where the checkpoint, for messages
     * @param ignored full names of tensors that may be there and are not used
     * @throws CheckpointException one message with every missing, mis-shaped and unexpected tensor; after some hundred the building ends
     */
    public <T> T build(Function<Weights, T> builder, String where, Pattern ignored) throws CheckpointException {
        try {
            T built = builder.apply(this);
            finish(where, ignored);
            return built;
        } catch (Misfit.Enough e) {
            session.problems.throwIfAny(where);
            throw e;
        }
    }

    /** Refuses what is missing, mis-shaped and unexpected, and tells what is not used. */
    void finish(String where, Pattern ignored) throws CheckpointException {
        List<String> unused = new ArrayList<>();
        for (String name : session.checkpoint.names()) {
            String key = session.ties.getOrDefault(name, name);
            if (session.taken.contains(key)) {
                continue;
            }
            if (ignored.matcher(name).matches()) {
                unused.add(Printable.excerpt(name));
            } else {
                session.problems.add("unexpected " + Printable.excerpt(name));
            }
        }
        session.problems.throwIfAny(where);
        if (!unused.isEmpty()) {
            LOG.info("{}: not used: {}", where, Listed.names(unused));
        }
    }
}
