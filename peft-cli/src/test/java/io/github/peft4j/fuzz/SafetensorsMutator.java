package io.github.peft4j.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Changes the JSON header of a safetensors file, keeping its length right most of the time, and the tensors' bytes behind it. */
final class SafetensorsMutator implements Mutator {

    private static final Mutator HEADER = new JsonMutator(
                    List.of(
                            "dtype",
                            "shape",
                            "data_offsets",
                            "__metadata__",
                            "format",
                            "F32",
                            "BF16",
                            "F16",
                            "F64",
                            "I64",
                            "BOOL",
                            "F99",
                            "F4",
                            "U8",
                            "model.norm.weight"),
                    List.of())
            .or(new BytesMutator(Integer.MAX_VALUE), 0.2);

    @Override
    public byte[] mutate(byte[] sample, SplittableRandom random) {
        int length =
                (int) ByteBuffer.wrap(sample).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] header = HEADER.mutate(Arrays.copyOfRange(sample, Long.BYTES, Long.BYTES + length), random);
        byte[] data = Arrays.copyOfRange(sample, Long.BYTES + length, sample.length);
        if (random.nextInt(4) == 0) {
            data = Arrays.copyOf(data, random.nextInt(2 * data.length + 1));
        }
        ByteBuffer out =
                ByteBuffer.allocate(Long.BYTES + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(random.nextInt(8) == 0 ? length : header.length);
        return out.put(header).put(data).array();
    }
}
