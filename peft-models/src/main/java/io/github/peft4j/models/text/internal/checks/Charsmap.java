package io.github.peft4j.models.text.internal.checks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * The normalization table of a SentencePiece model: a double-array trie from bytes to places in a list of replacements ({@code spm_precompiled}
 * 0.1.4). The native code follows offsets without looking whether they lead outside; here every way through the trie is walked once.
 */
final class Charsmap {

    /** What is looked up is a character, or a cluster of them in at most five bytes. */
    private static final int LONGEST_KEY = 5;

    /** Far above published tables, which have 240 KB. */
    private static final int LARGEST = 4 << 20;

    private static final int LONGEST_REPLACEMENT = 1024;

    /** A place in the trie and how many bytes lead to it. */
    private record Node(int position, int depth) {}

    private final int[] units;
    private final byte[] replacements;
    private final BitSet deleting = new BitSet();
    private final Map<Long, Boolean> deletesAfter = new HashMap<>();
    private double growth = 1;

    private Charsmap(int[] units, byte[] replacements) {
        this.units = units;
        this.replacements = replacements;
    }

    /**
     * Reads and checks a table.
     *
     * @throws IllegalArgumentException says what is wrong with it
     */
    static Charsmap of(byte[] table) {
        if (table.length < 4 || table.length > LARGEST) {
            throw new IllegalArgumentException("is no table: it has " + table.length + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        long size = Integer.toUnsignedLong(bytes.getInt());
        if (size / 4 < 1 || size / 4 * 4 > bytes.remaining()) {
            throw new IllegalArgumentException(
                    "is no table: its trie has " + size + " bytes, of " + bytes.remaining() + " that are there");
        }
        int[] units = new int[(int) (size / 4)];
        for (int i = 0; i < units.length; i++) {
            units[i] = bytes.getInt();
        }
        byte[] replacements = Arrays.copyOfRange(table, bytes.position(), table.length);
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(replacements));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("is no table: its replacements are not UTF-8", e);
        }
        Charsmap map = new Charsmap(units, replacements);
        map.walk();
        return map;
    }

    private void walk() {
        BitSet seen = new BitSet(units.length);
        Deque<Node> open = new ArrayDeque<>();
        open.add(new Node(offset(0, 0), 0));
        while (!open.isEmpty()) {
            Node node = open.remove();
            for (int b = 1; b < 0xf5; b++) {
                int next = inside(node.position() ^ b);
                // No text has the bytes c0 and c1.
                if (label(units[next]) == b && b != 0xc0 && b != 0xc1) {
                    int position = offset(next, next);
                    if (((units[next] >> 8) & 1) == 1) {
                        leaf(units[position] & Integer.MAX_VALUE, node.depth() + 1, next);
                    }
                    if (!seen.get(position)) {
                        seen.set(position);
                        open.add(new Node(position, node.depth() + 1));
                    }
                }
            }
        }
    }

    /** The bits that the native code compares with a byte. */
    private static int label(int unit) {
        return unit & 0x800000ff;
    }

    private int offset(int unit, int position) {
        long value = units[unit];
        long offset = ((value & 0xffffffffL) >> 10) << ((value & (1L << 9)) >> 6);
        long target = position ^ offset;
        if (target >= units.length) {
            throw outside();
        }
        return (int) target;
    }

    private int inside(int position) {
        if (position < 0 || position >= units.length) {
            throw outside();
        }
        return position;
    }

    private static IllegalArgumentException outside() {
        return new IllegalArgumentException("is no table: its trie points outside itself");
    }

    private void leaf(int start, int depth, int unit) {
        if (start > replacements.length || (start < replacements.length && (replacements[start] & 0xc0) == 0x80)) {
            throw new IllegalArgumentException("is no table: its trie points outside its replacements");
        }
        int end = start;
        while (end < replacements.length && replacements[end] != 0) {
            if (end++ - start > LONGEST_REPLACEMENT) {
                throw new IllegalArgumentException("has a replacement of more than " + LONGEST_REPLACEMENT + " bytes");
            }
        }
        growth = Math.max(growth, (end - start) / (double) depth);
        if (end == start) {
            deleting.set(unit);
        }
    }

    /** How many bytes a byte of text can become. */
    double growth() {
        return growth;
    }

    /** Whether a character of one byte is replaced where it stands alone. */
    boolean replaces(char character) {
        int next = offset(0, 0) ^ character;
        return label(units[next]) == character && ((units[next] >> 8) & 1) == 1;
    }

    /** Whether something that begins with this byte can be replaced by nothing. */
    boolean deletesFrom(int firstByte) {
        return deletesFrom(offset(0, 0), firstByte, firstByte, LONGEST_KEY);
    }

    private boolean deletesFrom(int position, int least, int most, int left) {
        for (int b = least; b <= most; b++) {
            int next = position ^ b;
            if (label(units[next]) == b && (deleting.get(next) || (left > 1 && deletesAfter(next, left - 1)))) {
                return true;
            }
        }
        return false;
    }

    private boolean deletesAfter(int unit, int left) {
        int position = offset(unit, unit);
        // Branches share their ends, so there can be far more ways than places.
        Boolean known = deletesAfter.get(position * 8L + left);
        if (known == null) {
            known = deletesFrom(position, 1, 0xf4, left);
            deletesAfter.put(position * 8L + left, known);
        }
        return known;
    }
}
