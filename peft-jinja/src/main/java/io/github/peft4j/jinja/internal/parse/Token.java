package io.github.peft4j.jinja.internal.parse;

/**
 * A piece of a template.
 *
 * @param text the text of data, a name or an operator; the value of a string
 * @param value the value of a literal, else the text
 * @param line where it begins, from 1
 */
public record Token(Kind kind, String text, Object value, int line) {

    /** What a token is. */
    enum Kind {
        DATA,
        OUTPUT_BEGIN,
        OUTPUT_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        NUMBER,
        OPERATOR,
        END
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    /** How a message names it. */
    String described() {
        return switch (kind) {
            case END -> "the end of the template";
            case BLOCK_END -> "the end of the tag";
            case OUTPUT_END -> "the end of the expression";
            case DATA -> "text";
            default -> "'" + text + "'";
        };
    }
}
