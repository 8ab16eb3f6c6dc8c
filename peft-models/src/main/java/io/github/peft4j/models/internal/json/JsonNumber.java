package io.github.peft4j.models.internal.json;

import java.io.IOException;
import java.math.BigInteger;

/** Numbers of JSON, and NaN and the infinities as Python writes them. */
final class JsonNumber {

    /** Digits that a {@code long} holds for sure. */
    private static final int LONG_DIGITS = 18;

    private JsonNumber() {}

    /**
     * Takes a number.
     *
     * @param digits digits that a whole number may have
     * @param longest bytes that any other may have
     */
    static Number read(JsonInput input, int digits, int longest) throws IOException {
        int plain = input.plainNumber();
        if (plain >= 0) {
            return plain;
        }
        JsonInput.Place place = input.place();
        StringBuilder text = new StringBuilder();
        boolean negative = input.peek() == '-';
        if (negative) {
            take(input, text);
        }
        if (input.peek() == 'I' || input.peek() == 'N') {
            return notFinite(input, place, negative);
        }
        int start = text.length();
        boolean zero = input.peek() == '0';
        takeDigits(input, place, text, longest);
        if (zero && text.length() > start + 1) {
            throw place.bad("a number begins with 0");
        }
        boolean whole = true;
        if (input.peek() == '.') {
            whole = false;
            take(input, text);
            takeDigits(input, place, text, longest);
        }
        if (input.peek() == 'e' || input.peek() == 'E') {
            whole = false;
            take(input, text);
            if (input.peek() == '+' || input.peek() == '-') {
                take(input, text);
            }
            takeDigits(input, place, text, longest);
        }
        if (!whole) {
            return Double.valueOf(text.toString());
        }
        if (text.length() - start > digits) {
            throw place.bad("a whole number has more than " + digits + " digits");
        }
        return whole(text.toString());
    }

    private static Number whole(String text) {
        if (text.length() > LONG_DIGITS) {
            BigInteger large = new BigInteger(text);
            return large.bitLength() < Long.SIZE ? (Number) large.longValue() : large;
        }
        long value = Long.parseLong(text);
        return (int) value == value ? (Number) (int) value : (Number) value;
    }

    private static double notFinite(JsonInput input, JsonInput.Place place, boolean negative) throws IOException {
        String word = input.word();
        if (word.equals("Infinity")) {
            return negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (word.equals("NaN") && !negative) {
            return Double.NaN;
        }
        throw place.bad("expected a value, found " + (negative ? "-" : "") + word);
    }

    private static void take(JsonInput input, StringBuilder text) throws IOException {
        text.append((char) input.peek());
        input.take();
    }

    private static void takeDigits(JsonInput input, JsonInput.Place place, StringBuilder text, int longest)
            throws IOException {
        int start = text.length();
        for (int next = input.peek(); next >= '0' && next <= '9'; next = input.peek()) {
            if (text.length() > longest) {
                throw place.bad("a number is longer than " + longest + " bytes");
            }
            take(input, text);
        }
        if (text.length() == start) {
            throw input.unexpected("a digit");
        }
    }
}
