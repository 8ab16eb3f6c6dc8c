package io.github.peft4j.training.data.columnar.internal;

/**
 * A value that stays in its file, since no row is made of its like: a time, a decimal, bytes. A message that expected something else names it.
 *
 * @param type the column's
 */
public record UnreadValue(String type) {

    @Override
    public String toString() {
        return "a value of the type " + type + ", which is not read";
    }
}
