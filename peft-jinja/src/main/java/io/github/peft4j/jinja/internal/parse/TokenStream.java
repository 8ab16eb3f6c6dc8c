package io.github.peft4j.jinja.internal.parse;

import io.github.peft4j.jinja.internal.parse.Token.Kind;
import io.github.peft4j.jinja.internal.rendering.TemplateException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The tokens of a template, read once from front to back. */
public final class TokenStream {

    /** Brackets, tags and signs inside each other; keeps the parser's recursion far from the end of the stack. */
    private static final int DEEPEST = 100;

    private final List<Token> tokens;
    private Set<String> names = new HashSet<>();
    private int at;
    private int depth;

    public TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    public Token next() {
        Token token = current();
        at = Math.min(at + 1, tokens.size() - 1);
        if (token.kind() == Kind.NAME) {
            names.add(token.text());
        }
        return token;
    }

    /** Looks one token ahead. */
    Token look() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    boolean skipName(String name) {
        return skip(current().isName(name));
    }

    boolean skipOperator(String operator) {
        return skip(current().isOperator(operator));
    }

    private boolean skip(boolean matches) {
        if (matches) {
            next();
        }
        return matches;
    }

    Token expect(Kind kind, String what) {
        if (current().kind() != kind) {
            throw unexpected(what);
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    TemplateException unexpected(String expected) {
        return error("expected " + expected + ", found " + current().described());
    }

    TemplateException error(String problem) {
        return new TemplateException(problem).at(current().line());
    }

    /** Begins something that may stand inside itself. */
    public void enter() {
        if (++depth > DEEPEST) {
            throw error("more than " + DEEPEST + " brackets and tags inside each other");
        }
    }

    public void leave() {
        depth--;
    }

    /** Begins to collect the names that are read. */
    Set<String> collectNames() {
        Set<String> before = names;
        names = new HashSet<>();
        return before;
    }

    /** Ends collecting. */
    Set<String> collected(Set<String> before) {
        Set<String> collected = names;
        before.addAll(collected);
        names = before;
        return collected;
    }
}
