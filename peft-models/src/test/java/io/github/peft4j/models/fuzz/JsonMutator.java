package io.github.peft4j.models.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Damages JSON: as a structure, so that most of it stays sensible, and as bytes. The same random numbers give the same damage. */
public final class JsonMutator {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Values of JSON that readers stumble over. Placeholders, since Jackson writes no such numbers. */
    private static final String[] RAW = {
        "1e999",
        "-1e999",
        "1e-400",
        "9223372036854775808",
        "-9223372036854775809",
        "4294967296",
        "2147483648",
        "0.1",
        "-0",
        "\"\\ud800\"",
        "\"\\udc00a\"",
        "\"\\u0000\"",
    };

    private final RandomGenerator random;
    private final List<JsonNode> parts = new ArrayList<>();

    /**
     * A mutator.
     *
     * @param random where its choices come from
     * @param samples sensible documents, whose parts are put into others
     */
    public JsonMutator(RandomGenerator random, List<? extends JsonNode> samples) {
        this.random = random;
        samples.forEach(sample -> collect(sample, 0));
    }

    private void collect(JsonNode node, int depth) {
        if (depth > 0 && node.size() <= 64) {
            parts.add(node);
        }
        if (node.isContainerNode() && node.size() <= 64) {
            node.forEach(child -> collect(child, depth + 1));
        }
    }

    /**
     * A damaged document.
     *
     * @param sample a sensible one, which stays as it is
     */
    public byte[] mutate(JsonNode sample) throws IOException {
        JsonNode root = sample.deepCopy();
        int times = 1 + (int) Math.min(6, -2 * Math.log(1 - random.nextDouble()));
        for (int i = 0; i < times; i++) {
            if (root instanceof ContainerNode<?> container && !container.isEmpty()) {
                change(place(container));
            }
        }
        String text = JSON.writeValueAsString(root);
        while (text.contains("\"@raw@\"")) {
            text = text.replaceFirst("\"@raw@\"", RAW[random.nextInt(RAW.length)].replace("\\", "\\\\"));
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return random.nextInt(12) == 0 ? damaged(bytes) : bytes;
    }

    /** A list or object in a document: any section is as likely as a large one. */
    private ContainerNode<?> place(ContainerNode<?> from) {
        List<ContainerNode<?>> within = new ArrayList<>();
        from.forEach(child -> {
            if (child instanceof ContainerNode<?> container && !container.isEmpty()) {
                within.add(container);
            }
        });
        boolean here = within.isEmpty() || random.nextInt(4) == 0;
        return here ? from : place(within.get(random.nextInt(within.size())));
    }

    private void change(ContainerNode<?> place) {
        int size = place.size();
        int index = random.nextInt(size);
        if (place instanceof ArrayNode list) {
            JsonNode old = list.get(index);
            switch (random.nextInt(8)) {
                case 0 -> list.remove(index);
                case 1 -> list.insert(index, old.deepCopy());
                case 2 -> list.insert(random.nextInt(size + 1), part());
                case 3 -> {
                    JsonNode other = list.set(random.nextInt(size), old);
                    list.set(index, other);
                }
                case 4 -> list.set(index, NODES.arrayNode().add(old));
                default -> list.set(index, value(old));
            }
        } else if (place instanceof ObjectNode object) {
            List<Map.Entry<String, JsonNode>> fields = List.copyOf(object.properties());
            String key = fields.get(index).getKey();
            JsonNode old = fields.get(index).getValue();
            switch (random.nextInt(8)) {
                case 0 -> object.remove(key);
                case 1 -> object.set(string(key), old);
                case 2 -> object.set(fields.get(random.nextInt(size)).getKey(), old);
                case 3 -> object.set(key, part());
                default -> object.set(key, value(old));
            }
        }
    }

    private JsonNode part() {
        return parts.isEmpty()
                ? NODES.nullNode()
                : parts.get(random.nextInt(parts.size())).deepCopy();
    }

    private JsonNode value(JsonNode old) {
        if (random.nextInt(5) == 0) {
            return part();
        } else if (old.isNumber() && random.nextInt(3) > 0) {
            return NODES.numberNode(old.longValue() + random.nextInt(-3, 4));
        } else if (old.isTextual() && random.nextInt(3) > 0) {
            return NODES.textNode(string(old.textValue()));
        } else if (old.isBoolean() && random.nextInt(3) > 0) {
            return NODES.booleanNode(!old.booleanValue());
        }
        return switch (random.nextInt(10)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2 -> NODES.numberNode(random.nextInt(-2, 3));
            case 3 -> NODES.numberNode(1L << random.nextInt(63));
            case 4 -> NODES.textNode("");
            case 5 -> NODES.arrayNode();
            case 6 -> NODES.objectNode();
            case 7 -> NODES.textNode(string("a"));
            default -> NODES.textNode("@raw@");
        };
    }

    /** A text near another. */
    private String string(String old) {
        return switch (random.nextInt(9)) {
            case 0 -> "";
            case 1 -> old + character();
            case 2 -> character() + old;
            case 3 ->
                old.isEmpty()
                        ? "x"
                        : old.substring(
                                0, old.offsetByCodePoints(0, random.nextInt(old.codePointCount(0, old.length()))));
            case 4 -> old + old;
            case 5 -> old.repeat(Math.min(1 + random.nextInt(1000), 1 + 20_000 / (1 + old.length())));
            case 6 -> character().repeat(1 + random.nextInt(40));
            case 7 -> {
                int at = old.isEmpty()
                        ? 0
                        : old.offsetByCodePoints(0, random.nextInt(old.codePointCount(0, old.length())));
                yield old.substring(0, at) + character() + old.substring(at);
            }
            default -> character();
        };
    }

    private String character() {
        String[] some = {
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
        };
        return some[random.nextInt(some.length)];
    }

    /** Bytes with some of them changed, left out or repeated. */
    public byte[] damaged(byte[] bytes) {
        byte[] damaged = bytes.clone();
        for (int i = random.nextInt(1, 6); i > 0 && damaged.length > 4; i--) {
            int at = random.nextInt(damaged.length);
            int length = Math.min(damaged.length - at, random.nextInt(1, 40));
            switch (random.nextInt(4)) {
                case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> damaged[at] = (byte) random.nextInt();
                case 2 -> damaged = join(damaged, at, at + length);
                default -> damaged = join(damaged, at + length, at);
            }
        }
        return damaged;
    }

    /** What stands before one place and what stands behind another. */
    private static byte[] join(byte[] bytes, int before, int behind) {
        byte[] joined = new byte[before + bytes.length - behind];
        System.arraycopy(bytes, 0, joined, 0, before);
        System.arraycopy(bytes, behind, joined, before, bytes.length - behind);
        return joined;
    }
}
