package io.github.peft4j.jinja.internal.parse;

import io.github.peft4j.jinja.internal.parse.Token.Kind;
import io.github.peft4j.jinja.internal.tree.Expression;
import io.github.peft4j.jinja.internal.tree.Expressions;
import io.github.peft4j.jinja.internal.tree.Operators;
import io.github.peft4j.jinja.internal.value.None;
import java.util.ArrayList;
import java.util.List;

/** Reads what operators stand between: literals, names and brackets, with what may follow them (members, calls, filters, tests). */
final class OperandParser {

    private static final Expression NONE = new Expressions.Literal(None.NONE);

    private final TokenStream stream;
    private final ExpressionParser expressions;

    OperandParser(TokenStream stream, ExpressionParser expressions) {
        this.stream = stream;
        this.expressions = expressions;
    }

    Expression primary() {
        Token token = stream.current();
        return switch (token.kind()) {
            case NAME -> name(stream.next().text());
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (stream.current().kind() == Kind.STRING) {
                    text.append(stream.next().text());
                }
                yield new Expressions.Literal(text.toString());
            }
            case NUMBER -> new Expressions.Literal(stream.next().value());
            case OPERATOR -> bracketed(token);
            default -> throw stream.unexpected("an expression");
        };
    }

    private static Expression name(String name) {
        return switch (name) {
            case "true", "True" -> new Expressions.Literal(true);
            case "false", "False" -> new Expressions.Literal(false);
            case "none", "None" -> NONE;
            default -> new Expressions.Name(name);
        };
    }

    private Expression bracketed(Token token) {
        switch (token.text()) {
            case "(":
                stream.next();
                if (stream.skipOperator(")")) {
                    return new Expressions.Sequence(List.of(), true);
                }
                Expression value = expressions.tuple(true);
                stream.expectOperator(")");
                return value;
            case "[":
                stream.next();
                return new Expressions.Sequence(items("]"), false);
            case "{":
                stream.next();
                return mapping();
            default:
                throw stream.unexpected("an expression");
        }
    }

    private List<Expression> items(String close) {
        List<Expression> items = new ArrayList<>();
        separated(close, () -> items.add(expressions.expression()));
        return items;
    }

    /** Reads what is separated by commas, until it is closed; a comma may follow the last. */
    private void separated(String close, Runnable element) {
        while (!stream.skipOperator(close)) {
            element.run();
            if (!stream.current().isOperator(close)) {
                stream.expectOperator(",");
            }
        }
    }

    private Expression mapping() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        separated("}", () -> {
            keys.add(expressions.expression());
            stream.expectOperator(":");
            values.add(expressions.expression());
        });
        return new Expressions.Mapping(keys, values);
    }

    Expression postfix(Expression owner) {
        Expression value = owner;
        while (true) {
            if (stream.skipOperator(".")) {
                value = member(value);
            } else if (stream.skipOperator("[")) {
                value = subscript(value);
            } else if (stream.current().isOperator("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    private Expression member(Expression owner) {
        if (stream.current().kind() == Kind.NUMBER) {
            return new Expressions.Item(
                    owner, new Expressions.Literal(stream.next().value()));
        }
        return new Expressions.Attribute(
                owner, stream.expect(Kind.NAME, "a name after the dot").text());
    }

    private Expression subscript(Expression owner) {
        Expression start = stream.current().isOperator(":") ? NONE : expressions.expression();
        if (stream.skipOperator("]")) {
            return new Expressions.Item(owner, start);
        }
        stream.expectOperator(":");
        Expression stop = bound();
        Expression step = stream.skipOperator(":") ? bound() : NONE;
        stream.expectOperator("]");
        return new Expressions.Slice(owner, start, stop, step);
    }

    private Expression bound() {
        return stream.current().isOperator(":") || stream.current().isOperator("]") ? NONE : expressions.expression();
    }

    private Expressions.Call call(Expression callee) {
        int line = stream.current().line();
        return new Expressions.Call(callee, arguments(), line);
    }

    private List<Expressions.Argument> arguments() {
        stream.expectOperator("(");
        List<Expressions.Argument> arguments = new ArrayList<>();
        separated(")", () -> arguments.add(argument()));
        return arguments;
    }

    private Expressions.Argument argument() {
        if (stream.skipOperator("*")) {
            return new Expressions.Argument("*", expressions.expression());
        } else if (stream.skipOperator("**")) {
            return new Expressions.Argument("**", expressions.expression());
        } else if (stream.current().kind() == Kind.NAME && stream.look().isOperator("=")) {
            String name = stream.next().text();
            stream.next();
            return new Expressions.Argument(name, expressions.expression());
        }
        return new Expressions.Argument(Expressions.Argument.POSITIONAL, expressions.expression());
    }

    Expression filters(Expression filtered) {
        Expression value = filtered;
        while (true) {
            if (stream.skipOperator("|")) {
                value = new Expressions.Filtered(value, filter());
            } else if (stream.skipName("is")) {
                value = test(value);
            } else if (stream.current().isOperator("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    Expressions.FilterUse filter() {
        Token name = stream.expect(Kind.NAME, "the name of a filter");
        List<Expressions.Argument> arguments = stream.current().isOperator("(") ? arguments() : List.of();
        return new Expressions.FilterUse(name.text(), arguments, name.line());
    }

    private Expression test(Expression value) {
        boolean negated = stream.skipName("not");
        String name = stream.expect(Kind.NAME, "the name of a test").text();
        List<Expressions.Argument> arguments = List.of();
        Token token = stream.current();
        if (token.isName("is")) {
            throw stream.error("tests with 'is' cannot be chained");
        } else if (token.isOperator("(")) {
            arguments = arguments();
        } else if (startsOperand(token)) {
            arguments = List.of(new Expressions.Argument(Expressions.Argument.POSITIONAL, postfix(primary())));
        }
        Expression test = new Expressions.Tested(value, name, arguments);
        return negated ? new Operators.Not(test) : test;
    }

    private static boolean startsOperand(Token token) {
        return switch (token.kind()) {
            case STRING, NUMBER -> true;
            case NAME -> !List.of("else", "or", "and").contains(token.text());
            default -> token.isOperator("[") || token.isOperator("{");
        };
    }
}
