package io.github.peft4j.models.text.jinja;

import io.github.peft4j.models.text.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Reads expressions. The methods stand in the order of precedence, loosest first; the grammar is Jinja2's. */
final class ExpressionParser {

    private static final Expression NONE = new Expressions.Literal(None.NONE);

    private final TokenStream stream;

    ExpressionParser(TokenStream stream) {
        this.stream = stream;
    }

    /** One expression, or a tuple of several with commas between. */
    Expression tuple(boolean mayBeConditional) {
        List<Expression> items = new ArrayList<>();
        boolean comma = false;
        do {
            if (comma && endsTuple()) {
                break;
            }
            items.add(mayBeConditional ? expression() : or());
            comma = stream.skipOperator(",");
        } while (comma);
        return items.size() == 1 && !comma ? items.get(0) : new Expressions.Sequence(items, true);
    }

    private boolean endsTuple() {
        Token token = stream.current();
        return token.kind() == Kind.OUTPUT_END
                || token.kind() == Kind.BLOCK_END
                || token.isOperator(")")
                || token.isName("recursive");
    }

    Expression expression() {
        stream.enter();
        Expression value = or();
        while (stream.skipName("if")) {
            Expression condition = or();
            Expression otherwise = stream.skipName("else") ? expression() : null;
            value = new Expressions.Conditional(condition, value, otherwise);
        }
        stream.leave();
        return value;
    }

    Expression or() {
        Expression left = and();
        while (stream.skipName("or")) {
            left = new Operators.Logical(false, left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (stream.skipName("and")) {
            left = new Operators.Logical(true, left, not());
        }
        return left;
    }

    private Expression not() {
        if (!stream.skipName("not")) {
            return compare();
        }
        stream.enter();
        Expression value = new Operators.Not(not());
        stream.leave();
        return value;
    }

    private Expression compare() {
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        while (true) {
            Token token = stream.current();
            if (token.kind() == Kind.OPERATOR
                    && List.of("==", "!=", "<", "<=", ">", ">=").contains(token.text())) {
                operators.add(stream.next().text());
            } else if (stream.skipName("in")) {
                operators.add("in");
            } else if (token.isName("not") && stream.look().isName("in")) {
                stream.next();
                stream.next();
                operators.add("not in");
            } else {
                break;
            }
            others.add(sum());
        }
        return operators.isEmpty() ? first : new Operators.Compare(first, operators, others);
    }

    private Expression sum() {
        return binary(this::concatenation, "+", "-");
    }

    private Expression concatenation() {
        List<Expression> parts = new ArrayList<>();
        do {
            parts.add(product());
        } while (stream.skipOperator("~"));
        return parts.size() == 1 ? parts.get(0) : new Operators.Concatenate(parts);
    }

    private Expression product() {
        return binary(this::power, "*", "/", "//", "%");
    }

    private Expression power() {
        return binary(() -> unary(true), "**");
    }

    private Expression binary(Supplier<Expression> operand, String... operators) {
        Expression left = operand.get();
        while (stream.current().kind() == Kind.OPERATOR
                && List.of(operators).contains(stream.current().text())) {
            left = new Operators.Binary(stream.next().text(), left, operand.get());
        }
        return left;
    }

    private Expression unary(boolean withFilters) {
        Expression value;
        if (stream.current().isOperator("-") || stream.current().isOperator("+")) {
            stream.enter();
            value = new Operators.Sign(stream.next().text().equals("-"), unary(false));
            stream.leave();
        } else {
            value = primary();
        }
        value = postfix(value);
        return withFilters ? filters(value) : value;
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
                Expression value = tuple(true);
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
        while (!stream.skipOperator(close)) {
            items.add(expression());
            if (!stream.current().isOperator(close)) {
                stream.expectOperator(",");
            }
        }
        return items;
    }

    private Expression mapping() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!stream.skipOperator("}")) {
            keys.add(expression());
            stream.expectOperator(":");
            values.add(expression());
            if (!stream.current().isOperator("}")) {
                stream.expectOperator(",");
            }
        }
        return new Expressions.Mapping(keys, values);
    }

    private Expression postfix(Expression owner) {
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
        Expression start = stream.current().isOperator(":") ? NONE : expression();
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
        return stream.current().isOperator(":") || stream.current().isOperator("]") ? NONE : expression();
    }

    Expressions.Call call(Expression callee) {
        int line = stream.current().line();
        return new Expressions.Call(callee, arguments(), line);
    }

    private List<Expressions.Argument> arguments() {
        stream.expectOperator("(");
        List<Expressions.Argument> arguments = new ArrayList<>();
        while (!stream.skipOperator(")")) {
            arguments.add(argument());
            if (!stream.current().isOperator(")")) {
                stream.expectOperator(",");
            }
        }
        return arguments;
    }

    private Expressions.Argument argument() {
        if (stream.skipOperator("*")) {
            return new Expressions.Argument("*", expression());
        } else if (stream.skipOperator("**")) {
            return new Expressions.Argument("**", expression());
        } else if (stream.current().kind() == Kind.NAME && stream.look().isOperator("=")) {
            String name = stream.next().text();
            stream.next();
            return new Expressions.Argument(name, expression());
        }
        return new Expressions.Argument(Expressions.Argument.POSITIONAL, expression());
    }

    private Expression filters(Expression filtered) {
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
        if (token.isOperator("(")) {
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
            case NAME -> !List.of("else", "or", "and", "is").contains(token.text());
            default -> token.isOperator("[") || token.isOperator("{");
        };
    }
}
