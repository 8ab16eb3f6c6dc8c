package io.github.peft4j.training.data.content.internal;

import io.github.peft4j.models.batch.Row;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** What tells rows from other rows: sixteen digits of the SHA-256 of all that is in them. Not safe for concurrent use. */
public final class RowDigest {

    private final MessageDigest digest = sha256();

    /** Of no row. */
    public RowDigest() {}

    /** Of rows. */
    public static String ofRows(List<Row> rows) {
        RowDigest digest = new RowDigest();
        rows.forEach(digest::add);
        return digest.digits();
    }

    /** Of texts. */
    public static String of(List<String> texts) {
        RowDigest digest = new RowDigest();
        texts.forEach(text -> digest.digest.update((text + '\n').getBytes(StandardCharsets.UTF_8)));
        return digest.digits();
    }

    /** Adds a row behind those before. */
    public void add(Row row) {
        digest.update(bytes(row));
    }

    /** The digits; it begins anew behind that. */
    public String digits() {
        return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static byte[] bytes(Row row) {
        List<int[]> sequences = row.sequences();
        int[] target = numbers(row.target());
        int[] types = row.tokenTypes();
        ByteBuffer bytes =
                ByteBuffer.allocate(Integer.BYTES * (sequences.size() + row.tokens() + types.length + target.length));
        for (int[] ids : sequences) {
            bytes.putInt(ids.length);
            bytes.asIntBuffer().put(ids);
            bytes.position(bytes.position() + Integer.BYTES * ids.length);
        }
        bytes.asIntBuffer().put(types).put(target);
        return bytes.array();
    }

    /** What is to be learned as numbers that tell two of one kind apart, beside the sequences of tokens. */
    static int[] numbers(Row.Target target) {
        if (target instanceof Row.Target.PerToken each) {
            return each.labels();
        }
        if (target instanceof Row.Target.Label label) {
            return new int[] {label.id()};
        }
        if (target instanceof Row.Target.Scores scores) {
            int[] bits = new int[scores.values().length];
            Arrays.setAll(bits, i -> Float.floatToIntBits(scores.values()[i]));
            return bits;
        }
        if (target instanceof Row.Target.Similarity similarity) {
            return new int[] {Float.floatToIntBits(similarity.score())};
        }
        return new int[0];
    }
}
