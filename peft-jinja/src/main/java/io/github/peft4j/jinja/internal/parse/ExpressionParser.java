package io.github.peft4j.jinja.internal.parse;

import io.github.peft4j.jinja.internal.parse.Token.Kind;
import io.github.peft4j.jinja.internal.tree.Expression;
import io.github.peft4j.jinja.internal.tree.Expressions;
import io.github.peft4j.jinja.internal.tree.Operators;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Reads expressions. The methods stand in the order of precedence, loosest first; the grammar is Jinja2's. */
final class ExpressionParser {

    private final TokenStream stream;
    private final OperandParser operands;

    ExpressionParser(TokenStream stream) {
        this.stream = stream;
        this.operands = new OperandParser(stream, this);
    }

    /** The name and arguments of a filter. */
    Expressions.FilterUse filter() {
        return operands.filter();
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
            value = operands.primary();
        }
        value = operands.postfix(value);
        return withFilters ? operands.filters(value) : value;
    }
}
