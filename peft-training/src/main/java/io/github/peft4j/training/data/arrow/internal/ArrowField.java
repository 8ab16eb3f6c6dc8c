package io.github.peft4j.training.data.arrow.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.arrow.flatbuf.DictionaryEncoding;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.FixedSizeList;
import org.apache.arrow.flatbuf.FloatingPoint;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.Precision;
import org.apache.arrow.flatbuf.Type;
import org.apache.arrow.flatbuf.Union;
import org.apache.arrow.flatbuf.UnionMode;
import org.jspecify.annotations.Nullable;

/**
 * A column, or what a list or object in one is made of.
 *
 * @param type one of {@link Type}
 * @param width bits of a number, or the length of a list of fixed size, or 1 for a dense union
 * @param signed whether whole numbers can be negative
 * @param index where values are numbers of a dictionary's, what these are
 */
record ArrowField(
        String name,
        int type,
        int width,
        boolean signed,
        List<ArrowField> children,
        @Nullable Index index) {

    /** Columns, with those inside of others. */
    static final int MOST = 4096;

    private static final int DEPTH = 64;
    private static final int LONGEST_NAME = 1 << 16;

    /**
     * The numbers that stand for a dictionary's values.
     *
     * @param dictionary the dictionary's own number
     * @param width bits
     */
    record Index(long dictionary, int width, boolean signed) {}

    /**
     * Reads fields.
     *
     * @throws DamagedArrow if there are too many, or they are not as the format asks
     */
    static List<ArrowField> of(org.apache.arrow.flatbuf.Schema schema) throws DamagedArrow {
        int[] left = {MOST};
        List<ArrowField> fields = new ArrayList<>();
        for (int i = 0; i < schema.fieldsLength(); i++) {
            fields.add(of(schema.fields(i), left, 0));
        }
        return List.copyOf(fields);
    }

    private static ArrowField of(Field field, int[] left, int depth) throws DamagedArrow {
        if (--left[0] < 0 || depth > DEPTH) {
            throw new DamagedArrow("it has more than " + MOST + " columns, or columns more than " + DEPTH + " deep");
        }
        List<ArrowField> children = new ArrayList<>();
        for (int i = 0; i < field.childrenLength(); i++) {
            children.add(of(field.children(i), left, depth + 1));
        }
        DictionaryEncoding dictionary = field.dictionary();
        Index index = null;
        if (dictionary != null) {
            Int number = dictionary.indexType();
            index = number == null
                    ? new Index(dictionary.id(), Integer.SIZE, true)
                    : new Index(dictionary.id(), bits(number), number.isSigned());
        }
        String name = Objects.requireNonNullElse(field.name(), "");
        if (name.length() > LONGEST_NAME) {
            throw new DamagedArrow("a column's name has " + name.length() + " characters");
        }
        int type = field.typeType();
        return switch (type) {
            case Type.Int -> {
                Int number = Objects.requireNonNull((Int) field.type(new Int()));
                yield new ArrowField(name, type, bits(number), number.isSigned(), children, index);
            }
            case Type.FloatingPoint -> {
                FloatingPoint number = Objects.requireNonNull((FloatingPoint) field.type(new FloatingPoint()));
                yield new ArrowField(name, type, bits(number.precision()), true, children, index);
            }
            case Type.FixedSizeList -> {
                FixedSizeList list = Objects.requireNonNull((FixedSizeList) field.type(new FixedSizeList()));
                yield new ArrowField(name, type, list.listSize(), false, children, index);
            }
            case Type.Union -> {
                Union union = Objects.requireNonNull((Union) field.type(new Union()));
                yield new ArrowField(name, type, union.mode() == UnionMode.Dense ? 1 : 0, false, children, index);
            }
            default -> new ArrowField(name, type, 0, false, children, index);
        };
    }

    private static int bits(Int number) throws DamagedArrow {
        int bits = number.bitWidth();
        if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
            throw new DamagedArrow("whole numbers have " + bits + " bits");
        }
        return bits;
    }

    private static int bits(short precision) throws DamagedArrow {
        if (precision < Precision.HALF || precision > Precision.DOUBLE) {
            throw new DamagedArrow("numbers have the precision " + precision);
        }
        return 16 << precision;
    }

    /** The values that a column's numbers stand for. */
    ArrowField withoutIndex() {
        return new ArrowField(name, type, width, signed, children, null);
    }

    /** The one field that a list is made of. */
    ArrowField only() throws DamagedArrow {
        if (children.size() != 1) {
            throw new DamagedArrow("a list is made of " + children.size() + " columns");
        }
        return children.get(0);
    }

    /** How {@code datasets} and pyarrow name the type: {@code int64}, {@code list<string>}, {@code struct<role: string>}. */
    String typeName() {
        String name = switch (type) {
            case Type.Int -> (signed ? "int" : "uint") + width;
            case Type.FloatingPoint -> width == 16 ? "float16" : width == 32 ? "float32" : "float64";
            case Type.Utf8 -> "string";
            case Type.LargeUtf8 -> "large_string";
            case Type.Utf8View -> "string_view";
            case Type.List -> "list<" + inner() + ">";
            case Type.LargeList -> "large_list<" + inner() + ">";
            case Type.FixedSizeList -> "fixed_size_list<" + inner() + ">[" + width + "]";
            case Type.Struct_ -> "struct<" + inner() + ">";
            case Type.ListView, Type.LargeListView -> "list_view<" + inner() + ">";
            case Type.Map -> "map<" + (children.size() == 1 ? children.get(0).inner() : "") + ">";
            case Type.FixedSizeBinary -> "fixed_size_binary";
            case Type.BinaryView -> "binary_view";
            case Type.RunEndEncoded -> "run_end_encoded";
            default ->
                type > 0 && type < Type.names.length ? Type.names[type].toLowerCase(Locale.ROOT) : "type " + type;
        };
        return index == null ? name : "dictionary<" + name + ">";
    }

    private String inner() {
        boolean named = type == Type.Struct_;
        return String.join(
                ", ",
                children.stream()
                        .map(child -> (named ? child.name + ": " : "") + child.typeName())
                        .toList());
    }
}
