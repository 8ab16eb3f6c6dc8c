package io.github.peft4j.jinja.internal.parse;

import io.github.peft4j.jinja.internal.parse.Token.Kind;
import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.value.Whitespace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template into tokens with the whitespace rules that transformers switches on: a tag alone in its line leaves nothing of
 * the line behind ({@code trim_blocks}, {@code lstrip_blocks}), {@code -} takes all whitespace on its side, {@code +} keeps it, and a
 * newline at the template's very end goes.
 *
 * @see <a href="https://jinja.palletsprojects.com/en/stable/templates/#whitespace-control">Jinja, whitespace control</a>
 */
public final class Lexer {

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<Character> brackets = new ArrayDeque<>();
    private int at;
    private int line = 1;
    private int counted;

    private Lexer(String source) {
        this.source = source;
    }

    public static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        Lexer lexer = new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.scan();
        return lexer.tokens;
    }

    private void scan() {
        while (at < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                data(at, source.length());
                at = source.length();
            } else {
                tag(tag);
            }
        }
        add(Kind.END, "");
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            if ("%{#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void tag(int start) {
        char kind = source.charAt(start + 1);
        char sign = charAt(start + 2);
        textBefore(start, sign, kind != '{');
        at = start + (sign == '-' || sign == '+' ? 3 : 2);
        if (kind == '#') {
            comment();
        } else if (kind == '{') {
            add(Kind.OUTPUT_BEGIN, "{{");
            inside("}}", Kind.OUTPUT_END);
        } else if (!raw()) {
            add(Kind.BLOCK_BEGIN, "{%");
            inside("%}", Kind.BLOCK_END);
        }
    }

    private char charAt(int index) {
        return index < source.length() ? source.charAt(index) : '\0';
    }

    /** Text up to a tag, without the whitespace that the tag takes. */
    private void textBefore(int tag, char sign, boolean block) {
        int end = tag;
        if (sign == '-') {
            end = Math.max(at, Whitespace.skipBack(source, tag));
        } else if (sign != '+' && block) {
            int from = tag;
            while (from > at && Whitespace.is(source.charAt(from - 1)) && source.charAt(from - 1) != '\n') {
                from--;
            }
            end = from == 0 || source.charAt(from - 1) == '\n' ? from : tag;
        }
        data(at, end);
    }

    private void data(int from, int to) {
        if (to > from) {
            tokens.add(new Token(Kind.DATA, source.substring(from, to), "", lineAt(from)));
        }
    }

    private int lineAt(int position) {
        for (; counted < position; counted++) {
            if (source.charAt(counted) == '\n') {
                line++;
            }
        }
        return line;
    }

    private void add(Kind kind, String text) {
        tokens.add(new Token(kind, text, text, lineAt(at)));
    }

    private TemplateException error(String problem) {
        return new TemplateException(problem).at(lineAt(Math.min(at, source.length())));
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw error("a comment is not closed: expected '#}'");
        }
        char sign = end > at ? source.charAt(end - 1) : ' ';
        at = end + 2;
        afterBlock(sign);
    }

    /** Whitespace that the end of a tag takes. */
    private void afterBlock(char sign) {
        if (sign == '-') {
            at = Whitespace.skip(source, at);
        } else if (sign != '+' && charAt(at) == '\n') {
            at++;
        }
    }

    /** Reads {@code {% raw %}...{% endraw %}} if this tag is one. */
    private boolean raw() {
        int name = Whitespace.skip(source, at);
        if (!source.startsWith("raw", name)) {
            return false;
        }
        int close = Whitespace.skip(source, name + 3);
        boolean strips = source.startsWith("-%}", close);
        if (!strips && !source.startsWith("%}", close)) {
            return false;
        }
        at = strips ? Whitespace.skip(source, close + 3) : close + 2;
        for (int end = source.indexOf("{%", at); end >= 0; end = source.indexOf("{%", end + 2)) {
            char sign = charAt(end + 2);
            int word = Whitespace.skip(source, end + (sign == '-' || sign == '+' ? 3 : 2));
            int tail = Whitespace.skip(source, word + 6);
            char tailSign = charAt(tail);
            int closing = tailSign == '-' || tailSign == '+' ? tail + 1 : tail;
            if (source.startsWith("endraw", word) && source.startsWith("%}", closing)) {
                textBefore(end, sign, true);
                at = closing + 2;
                afterBlock(tailSign);
                return true;
            }
        }
        throw error("a raw block is not closed: expected '{% endraw %}'");
    }

    private void inside(String close, Kind end) {
        while (true) {
            at = Whitespace.skip(source, at);
            char c = charAt(at);
            boolean signed = (c == '-' || (c == '+' && end == Kind.BLOCK_END)) && source.startsWith(close, at + 1);
            if (brackets.isEmpty() && (signed || source.startsWith(close, at))) {
                add(end, close);
                at += close.length() + (signed ? 1 : 0);
                if (end == Kind.BLOCK_END) {
                    afterBlock(c);
                } else if (signed) {
                    at = Whitespace.skip(source, at);
                }
                return;
            }
            if (at >= source.length()) {
                throw error("a tag is not closed: expected '" + close + "'");
            }
            token();
        }
    }

    private void token() {
        char c = source.charAt(at);
        if (c == '"' || c == '\'' || (c >= '0' && c <= '9')) {
            literal(c);
        } else if (Character.isUnicodeIdentifierStart(source.codePointAt(at)) || c == '_') {
            int end = at;
            while (end < source.length() && Character.isUnicodeIdentifierPart(source.codePointAt(end))) {
                end = source.offsetByCodePoints(end, 1);
            }
            add(Kind.NAME, source.substring(at, end));
            at = end;
        } else {
            operator();
        }
    }

    private void literal(char first) {
        boolean number = first >= '0' && first <= '9';
        boolean afterDot = at > 0 && source.charAt(at - 1) == '.';
        try {
            Literals.Read<?> read = number ? Literals.number(source, at, !afterDot) : Literals.string(source, at);
            String text = number ? source.substring(at, read.end()) : (String) read.value();
            tokens.add(new Token(number ? Kind.NUMBER : Kind.STRING, text, read.value(), lineAt(at)));
            at = read.end();
        } catch (TemplateException e) {
            throw error(String.valueOf(e.getMessage()));
        }
    }

    private void operator() {
        String two = source.substring(at, Math.min(at + 2, source.length()));
        boolean isTwo = List.of("//", "**", "==", "!=", ">=", "<=").contains(two);
        String operator = isTwo ? two : two.substring(0, 1);
        if (!isTwo && "+-/*%~[](){}><=.:|,;".indexOf(operator) < 0) {
            throw error("unexpected character '" + operator + "'");
        }
        switch (operator) {
            case "(" -> brackets.push(')');
            case "[" -> brackets.push(']');
            case "{" -> brackets.push('}');
            case ")", "]", "}" -> {
                if (brackets.isEmpty() || brackets.pop() != operator.charAt(0)) {
                    throw error("unexpected '" + operator + "'");
                }
            }
            default -> {
                // no bracket
            }
        }
        add(Kind.OPERATOR, operator);
        at += operator.length();
    }
}
