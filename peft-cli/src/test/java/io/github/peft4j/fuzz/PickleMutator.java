package io.github.peft4j.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Changes a pickle opcode by opcode: opcodes go, come, change places, get other arguments, and call other globals. */
final class PickleMutator implements Mutator {

    private static final int MOST_CHANGES = 4;

    /** Opcodes with all kinds of arguments. */
    private static final List<byte[]> OPCODES = List.of(
            op("("),
            op(")"),
            op("]"),
            op("}"),
            op("N"),
            op("t"),
            op("l"),
            op("d"),
            op("a"),
            op("e"),
            op("s"),
            op("u"),
            op("0"),
            op("1"),
            op("2"),
            op("R"),
            op("b"),
            op("Q"),
            op("."),
            op("h\0"),
            op("q\u00ff"),
            op("r\u00ff\u00ff\u00ff\u00ff"),
            op("j\u00ff\u00ff\u00ff\u007f"),
            op("K\1"),
            op("M\u00ff\u00ff"),
            op("J\u00ff\u00ff\u00ff\u007f"),
            op("J\u00ff\u00ff\u00ff\u00ff"),
            op("\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f"),
            op("\u008a\u0009\0\0\0\0\0\0\0\0\1"),
            op("\u008b\u00ff\u00ff\u00ff\u007f"),
            op("X\u00ff\u00ff\u00ff\u007f"),
            op("X\1\0\0\0a"),
            op("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f"),
            op("\u008e\u0008\0\0\0\0\0\0\0"),
            op("G\u007f\u00f0\0\0\0\0\0\0"),
            op("I99999999999999999999\n"),
            op("L1L\n"),
            op("F1e999\n"),
            op("S'x'\n"),
            op("V\\ud800\n"),
            op("\u0080\4"),
            op("\u0080\u00ff"),
            op("\u0081"),
            op("\u0085"),
            op("\u0086"),
            op("\u0087"),
            op("\u0088"),
            op("\u008f"),
            op("\u0090"),
            op("\u0091"),
            op("\u0092"),
            op("\u0093"),
            op("\u0094"),
            op("\u0095\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f"),
            op("cos\nsystem\n"),
            op("ctorch\nload\n"),
            op("ctorch\nFloatStorage\n"),
            op("ctorch\nfloat16\n"),
            op("ctorch._utils\n_rebuild_tensor_v2\n"),
            op("ctorch._utils\n_rebuild_tensor_v3\n"),
            op("ctorch._utils\n_rebuild_parameter\n"),
            op("ccollections\nOrderedDict\n"),
            op("ctorch\nSize\n"),
            op("c__builtin__\nset\n"));

    private static byte[] op(String latin) {
        return latin.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public byte[] mutate(byte[] sample, SplittableRandom random) {
        List<byte[]> opcodes = split(sample);
        for (int i = Mutator.changes(MOST_CHANGES, random); i > 0 && !opcodes.isEmpty(); i--) {
            once(opcodes, random);
        }
        int length = opcodes.stream().mapToInt(each -> each.length).sum();
        byte[] out = new byte[length];
        int at = 0;
        for (byte[] each : opcodes) {
            System.arraycopy(each, 0, out, at, each.length);
            at += each.length;
        }
        return out;
    }

    private static void once(List<byte[]> opcodes, SplittableRandom random) {
        int at = random.nextInt(opcodes.size());
        int other = random.nextInt(opcodes.size());
        switch (random.nextInt(8)) {
            case 0 -> opcodes.remove(at);
            case 1, 2 -> opcodes.add(at, OPCODES.get(random.nextInt(OPCODES.size())));
            case 3 -> opcodes.set(at, OPCODES.get(random.nextInt(OPCODES.size())));
            case 4 -> opcodes.set(at, opcodes.set(other, opcodes.get(at)));
            case 5 -> {
                int end = Math.min(opcodes.size(), at + random.nextInt(30));
                List<byte[]> part = List.copyOf(opcodes.subList(at, end));
                for (int i = random.nextInt(random.nextInt(10) == 0 ? 500 : 3); i >= 0; i--) {
                    opcodes.addAll(at, part);
                }
            }
            default -> {
                byte[] changed = opcodes.get(at).clone();
                int place = random.nextInt(changed.length);
                changed[place] = (byte) (random.nextBoolean() ? random.nextInt(256) : random.nextInt(4) * 85);
                opcodes.set(at, changed);
            }
        }
    }

    /** The opcodes of a good pickle, of those kinds that torch writes. */
    private static List<byte[]> split(byte[] pickle) {
        List<byte[]> opcodes = new ArrayList<>();
        for (int at = 0; at < pickle.length; ) {
            int length = Math.min(length(pickle, at), pickle.length - at);
            byte[] each = new byte[length];
            System.arraycopy(pickle, at, each, 0, length);
            opcodes.add(each);
            at += length;
        }
        return opcodes;
    }

    private static int length(byte[] pickle, int at) {
        return switch (pickle[at] & 0xff) {
            case 0x80, 'K', 'h', 'q' -> 2;
            case 'M' -> 3;
            case 'J', 'j', 'r' -> 5;
            case 0x8a, 0x8c, 'U' -> 2 + (pickle[at + 1] & 0xff);
            case 'X', 'T' ->
                5 + (pickle[at + 1] & 0xff) + (pickle[at + 2] & 0xff) * 256 + (pickle[at + 3] & 0xff) * 65536;
            case 'c' -> line(pickle, line(pickle, at)) - at;
            case 'G', 0x95 -> 9;
            default -> 1;
        };
    }

    private static int line(byte[] pickle, int at) {
        int end = at;
        while (end < pickle.length && pickle[end] != '\n') {
            end++;
        }
        return end + 1;
    }
}
