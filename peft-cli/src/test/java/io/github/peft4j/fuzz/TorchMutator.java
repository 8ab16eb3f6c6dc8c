package io.github.peft4j.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Changes the pickle in a zip file that torch.save wrote, or its other entries and their names, and packs it up again. */
final class TorchMutator implements Mutator {

    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;

    private final Mutator pickle = new PickleMutator();

    @Override
    public byte[] mutate(byte[] sample, SplittableRandom random) {
        try {
            Map<String, byte[]> entries = entries(sample);
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                if (entry.getKey().endsWith("data.pkl") && random.nextInt(5) > 0) {
                    entry.setValue(pickle.mutate(entry.getValue(), random));
                } else if (random.nextInt(20) == 0) {
                    entry.setValue(new BytesMutator(Integer.MAX_VALUE).mutate(entry.getValue(), random));
                }
            }
            return packed(entries, random);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By the table of contents at the end: Java's stream reader does not take what torch writes before each entry. */
    private static Map<String, byte[]> entries(byte[] zip) {
        ByteBuffer bytes = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        int end = zip.length - END_BYTES;
        int at = bytes.getInt(end + 16);
        Map<String, byte[]> entries = new LinkedHashMap<>();
        for (int left = bytes.getShort(end + 10); left > 0; left--) {
            int size = bytes.getInt(at + 24);
            int nameBytes = bytes.getShort(at + 28);
            int local = bytes.getInt(at + 42);
            int start = local + LOCAL_BYTES + bytes.getShort(local + 26) + bytes.getShort(local + 28);
            String name = new String(zip, at + CENTRAL_BYTES, nameBytes, StandardCharsets.UTF_8);
            entries.put(name, Arrays.copyOfRange(zip, start, start + size));
            at += CENTRAL_BYTES + nameBytes + bytes.getShort(at + 30) + bytes.getShort(at + 32);
        }
        return entries;
    }

    private static byte[] packed(Map<String, byte[]> entries, SplittableRandom random) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                if (random.nextInt(40) == 0) {
                    continue;
                }
                String name = random.nextInt(40) == 0 ? each.getKey() + "/../x" : each.getKey();
                ZipEntry entry = new ZipEntry(name);
                if (random.nextInt(40) > 0) {
                    CRC32 sum = new CRC32();
                    sum.update(each.getValue());
                    entry.setMethod(ZipEntry.STORED);
                    entry.setSize(each.getValue().length);
                    entry.setCrc(sum.getValue());
                }
                out.putNextEntry(entry);
                out.write(each.getValue());
            }
        }
        return bytes.toByteArray();
    }
}
