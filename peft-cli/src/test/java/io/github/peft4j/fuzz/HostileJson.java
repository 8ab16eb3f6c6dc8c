package io.github.peft4j.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Values that readers of JSON stumble over. */
final class HostileJson {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Stands in a tree for text that is no value of one; what is between the marks replaces the whole string. */
    private static final char MARK = '\u0001';

    private static final int LONGEST_REPETITION = 20_000;

    private static final List<String> RAW = List.of(
            "NaN",
            "Infinity",
            "-Infinity",
            "1e999",
            "-1e999",
            "1e-999",
            "4294967296",
            "9223372036854775808",
            "-9223372036854775809",
            "-0",
            "-0.0",
            "00",
            "1.",
            "0x10",
            "'x'",
            "\"\\ud800\"",
            "\"\\udc00x\"",
            "\"\\u0000\"",
            "\"\\u001b[31m\\u0007\"",
            "\"\\u202e\"",
            "\"\\x\"",
            "9".repeat(400),
            "0." + "3".repeat(1200),
            "1" + "0".repeat(5000),
            "{\"a\":1,\"a\":2}",
            "[1,]",
            "nul",
            "");

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "x",
            "\n",
            "..",
            "../secret",
            "/etc/passwd",
            "a/b",
            "C:\\x",
            "%s%n{}",
            "None",
            "true",
            "1",
            "-1",
            "ü",
            "\u001b]0;x\u0007",
            "\u202eabc",
            "\ufeff",
            "\ud83d\ude00",
            "((((a*)*)*)*)b",
            "(?<x>",
            "[a-",
            ".*",
            "{{ x }}");

    private static final List<String> LETTERS = List.of(
            "a",
            " ",
            "\n",
            "\u2581",
            "\u0120",
            "\u0301",
            "\u00e9",
            "\ufdfa",
            "\u0130",
            "\ud83d\ude00",
            "\u200d",
            "\u0000",
            "<",
            "*",
            "+",
            "(",
            ")",
            "[",
            "]",
            "\\",
            "{1,9}",
            "?",
            "|",
            "^",
            "$",
            "(?!\\S)",
            "(a+)+",
            ".*",
            "##",
            ":",
            "$A",
            "/",
            "..",
            "0");

    private final List<String> names;

    HostileJson(List<String> names) {
        List<String> all = new ArrayList<>(names);
        all.addAll(TEXTS);
        this.names = List.copyOf(all);
    }

    /** A key or text. */
    String name(SplittableRandom random) {
        return names.get(random.nextInt(names.size()));
    }

    /** Any value. */
    JsonNode any(SplittableRandom random) {
        return switch (random.nextInt(12)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2, 3, 4 -> number(random);
            case 5, 6 -> TextNode.valueOf(name(random));
            case 7 -> TextNode.valueOf(longText(random));
            case 8 -> random.nextBoolean() ? NODES.objectNode() : NODES.arrayNode();
            case 9 -> NODES.objectNode().set(name(random), any(random));
            case 10 -> list(random);
            default -> TextNode.valueOf(MARK + RAW.get(random.nextInt(RAW.size())) + MARK);
        };
    }

    private static JsonNode number(SplittableRandom random) {
        return switch (random.nextInt(8)) {
            case 0 -> NODES.numberNode(random.nextInt(-3, 20));
            case 1 -> NODES.numberNode((1L << random.nextInt(63)) - random.nextInt(2));
            case 2 -> NODES.numberNode(-(1L << random.nextInt(63)));
            case 3 -> NODES.numberNode(BigInteger.ONE.shiftLeft(random.nextInt(60, 200)));
            case 4 -> DoubleNode.valueOf(random.nextInt(-3, 4) + 0.5);
            case 5 -> DoubleNode.valueOf(Math.pow(10, random.nextInt(-320, 309)));
            case 6 -> NODES.numberNode(random.nextInt(100_000));
            default -> NODES.numberNode(random.nextLong());
        };
    }

    private String longText(SplittableRandom random) {
        String unit = name(random);
        int length = random.nextInt(20) == 0 ? 200_000 : random.nextInt(1, 5000);
        return unit.isEmpty() ? "" : unit.repeat(1 + length / unit.length());
    }

    private ArrayNode list(SplittableRandom random) {
        ArrayNode list = NODES.arrayNode();
        int size = random.nextInt(random.nextInt(10) == 0 ? 3000 : 4);
        JsonNode one = size > 4 ? number(random) : null;
        for (int i = 0; i < size; i++) {
            list.add(one == null ? any(random) : one);
        }
        return list;
    }

    /** A value like another. */
    JsonNode near(JsonNode value, SplittableRandom random) {
        if (value.isNumber()) {
            return switch (random.nextInt(5)) {
                case 0, 1 -> NODES.numberNode(value.longValue() + random.nextInt(-3, 4));
                case 2 -> NODES.numberNode(-value.longValue());
                case 3 -> NODES.numberNode(value.longValue() * 1000);
                default -> DoubleNode.valueOf(value.doubleValue() / 3);
            };
        }
        if (value.isTextual()) {
            return TextNode.valueOf(near(value.textValue(), random));
        }
        return value.isBoolean() ? NODES.booleanNode(!value.booleanValue()) : any(random);
    }

    private String near(String text, SplittableRandom random) {
        int at = text.isEmpty() ? 0 : text.offsetByCodePoints(0, random.nextInt(text.codePointCount(0, text.length())));
        String letter = LETTERS.get(random.nextInt(LETTERS.size()));
        return switch (random.nextInt(6)) {
            case 0 -> text.substring(0, at);
            case 1 -> text.repeat(random.nextBoolean() ? 2 : 1 + LONGEST_REPETITION / (1 + text.length()));
            case 2 -> letter;
            case 3 -> letter.repeat(random.nextInt(1, 40));
            default -> text.substring(0, at) + letter + text.substring(at);
        };
    }

    /** The same value as something of another type. */
    JsonNode turned(JsonNode value, SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> TextNode.valueOf(value.isValueNode() ? value.asText() : value.toString());
            case 1 -> NODES.arrayNode().add(value);
            default -> NODES.objectNode().set(name(random), value);
        };
    }

    /** The text of a tree with everything in it that no tree can hold. */
    String text(String json, SplittableRandom random) {
        String mark = "\\u0001";
        StringBuilder out = new StringBuilder();
        int at = 0;
        for (int open; (open = json.indexOf('"' + mark, at)) >= 0; ) {
            int close = json.indexOf(mark + '"', open + 1 + mark.length());
            if (close < 0) {
                break;
            }
            out.append(json, at, open);
            // The tree's writer has escaped what stands between the marks.
            String inner = json.substring(open + 1 + mark.length(), close);
            out.append(inner.replace("\\\"", "\"").replace("\\\\", "\\"));
            at = close + mark.length() + 1;
        }
        out.append(json, at, json.length());
        return damaged(out, random).toString();
    }

    private static StringBuilder damaged(StringBuilder text, SplittableRandom random) {
        int at = text.length() == 0 ? 0 : random.nextInt(text.length());
        switch (random.nextInt(60)) {
            case 0 -> text.setLength(at);
            case 1 -> text.append(text.charAt(0));
            case 2 -> text.insert(0, '\ufeff');
            case 3 -> text.insert(at, '\u0000');
            case 4 -> nest(text, random.nextInt(10) == 0 ? 100_000 : random.nextInt(1, 2000));
            case 5 -> text.insert(at, "\r");
            case 6 -> text.insert(Math.min(1, text.length()), "\"a\":1,\"a\":2,");
            default -> {
                // As it is.
            }
        }
        return text;
    }

    private static void nest(StringBuilder text, int depth) {
        int colon = text.indexOf(":");
        String open = depth % 2 == 0 ? "[" : "{\"a\":";
        text.insert(colon + 1, open.repeat(depth));
        if (depth % 3 == 0) {
            int comma = text.indexOf(",", colon + depth * open.length());
            text.insert(comma < 0 ? text.length() : comma, (depth % 2 == 0 ? "]" : "}").repeat(depth));
        }
    }
}
