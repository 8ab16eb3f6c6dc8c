package io.github.peft4j.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Changes JSON as JSON: values become other values, other types and extremes, keys go, come twice or get others' names, parts change places or come
 * from other files. What no tree can hold (repeated keys, NaN, lone surrogates, nesting without end) is put into the text afterwards.
 */
final class JsonMutator implements Mutator {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int MOST_CHANGES = 4;

    private static final int MOST_COPIES = 300;

    /** What has more children is a vocabulary or the like: no part to be put elsewhere. */
    private static final int LARGEST_PART = 64;

    private final Set<String> names = new LinkedHashSet<>();
    private final List<JsonNode> parts = new ArrayList<>();
    private final HostileJson values;

    /**
     * A mutator.
     *
     * @param names keys and texts that mean something in files of this kind, beside the keys of the documents
     * @param documents good ones, whose parts are put into others
     */
    JsonMutator(List<String> names, List<byte[]> documents) {
        this.names.addAll(names);
        documents.forEach(document -> collect(parse(document), false));
        this.values = new HostileJson(List.copyOf(this.names));
    }

    private void collect(JsonNode node, boolean within) {
        if (node.size() > LARGEST_PART) {
            return;
        }
        if (within) {
            parts.add(node);
        }
        node.fieldNames().forEachRemaining(names::add);
        node.forEach(child -> collect(child, true));
    }

    private JsonNode part(SplittableRandom random) {
        return parts.isEmpty()
                ? values.any(random)
                : parts.get(random.nextInt(parts.size())).deepCopy();
    }

    @Override
    public byte[] mutate(byte[] sample, SplittableRandom random) {
        JsonNode root = parse(sample);
        for (int i = Mutator.changes(MOST_CHANGES, random); i > 0; i--) {
            root = once(root, random);
        }
        return values.text(root.toString(), random).getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode parse(byte[] sample) {
        try {
            return JSON.readTree(sample);
        } catch (IOException e) {
            throw new IllegalArgumentException("a sample is no JSON", e);
        }
    }

    /** A place in the tree: a container, and which of its children. */
    private record Place(JsonNode parent, String key, int index) {

        JsonNode get() {
            return parent instanceof ObjectNode object ? object.get(key) : parent.get(index);
        }

        void set(JsonNode value) {
            if (parent instanceof ObjectNode object) {
                object.set(key, value);
            } else {
                ((ArrayNode) parent).set(index, value);
            }
        }

        void remove() {
            if (parent instanceof ObjectNode object) {
                object.remove(key);
            } else {
                ((ArrayNode) parent).remove(index);
            }
        }
    }

    /** Somewhere in the tree, any section as likely as a large one; null if there is nothing in it. */
    private static @Nullable Place place(JsonNode root, SplittableRandom random) {
        JsonNode at = root;
        while (true) {
            List<JsonNode> within = new ArrayList<>();
            for (JsonNode child : at) {
                if (child.isContainerNode() && !child.isEmpty()) {
                    within.add(child);
                }
            }
            if (within.isEmpty() || random.nextInt(4) == 0) {
                return child(at, random);
            }
            at = within.get(random.nextInt(within.size()));
        }
    }

    private static @Nullable Place child(JsonNode parent, SplittableRandom random) {
        if (parent.isEmpty()) {
            return null;
        }
        int index = random.nextInt(parent.size());
        if (parent instanceof ObjectNode object) {
            List<String> keys = new ArrayList<>();
            object.fieldNames().forEachRemaining(keys::add);
            return new Place(object, keys.get(index), -1);
        }
        return parent instanceof ArrayNode ? new Place(parent, "", index) : null;
    }

    private JsonNode once(JsonNode root, SplittableRandom random) {
        Place place = place(root, random);
        Place other = place(root, random);
        if (place == null || other == null || random.nextInt(200) == 0) {
            return values.any(random);
        }
        switch (random.nextInt(13)) {
            case 0 -> place.remove();
            case 1 -> place.set(other.get().deepCopy());
            case 2 -> swap(place, other);
            case 3 -> rename(place, random);
            case 4 -> add(place.parent(), values.any(random), random);
            case 5 -> add(place.parent(), part(random), random);
            case 6 -> place.set(part(random));
            case 7 -> repeat(place, random);
            case 8 -> place.set(values.turned(place.get(), random));
            case 9, 10 -> place.set(values.near(place.get(), random));
            default -> place.set(values.any(random));
        }
        return root;
    }

    private static void swap(Place one, Place other) {
        JsonNode first = one.get().deepCopy();
        JsonNode second = other.get().deepCopy();
        one.set(second);
        other.set(first);
    }

    private void rename(Place place, SplittableRandom random) {
        JsonNode value = place.get();
        if (place.parent() instanceof ObjectNode object) {
            object.remove(place.key());
            object.set(values.name(random), value);
        } else {
            place.set(TextNode.valueOf(values.name(random)));
        }
    }

    private void add(JsonNode parent, JsonNode value, SplittableRandom random) {
        if (parent instanceof ObjectNode object) {
            object.set(values.name(random), value);
        } else {
            ((ArrayNode) parent).insert(random.nextInt(parent.size() + 1), value);
        }
    }

    private static void repeat(Place place, SplittableRandom random) {
        JsonNode value = place.get();
        int copies = random.nextInt(1, random.nextInt(10) == 0 ? MOST_COPIES : 4);
        for (int i = 0; i < copies; i++) {
            if (place.parent() instanceof ObjectNode object) {
                object.set(place.key() + i, value.deepCopy());
            } else {
                ((ArrayNode) place.parent()).add(value.deepCopy());
            }
        }
    }
}
