package io.github.peft4j.jinja.internal.tree;

import io.github.peft4j.jinja.internal.value.Arithmetic;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.Numbers;
import io.github.peft4j.jinja.internal.value.Text;
import io.github.peft4j.jinja.internal.value.Types;
import java.util.List;

/** The operators. */
public final class Operators {

    private Operators() {}

    /** {@code left and right}, {@code left or right}: the operand that decided, as in Python. */
    public record Logical(boolean and, Expression left, Expression right) implements Expression {
        @Override
        public Object compute(Frame frame) {
            Object value = left.in(frame);
            return Types.isTrue(value) == and ? right.in(frame) : value;
        }
    }

    /** {@code not value}. */
    public record Not(Expression value) implements Expression {
        @Override
        public Object compute(Frame frame) {
            return !value.isTrue(frame);
        }
    }

    /** {@code a < b <= c}: every neighbouring pair must hold. */
    public record Compare(Expression first, List<String> operators, List<Expression> others) implements Expression {
        @Override
        public Object compute(Frame frame) {
            Object left = first.in(frame);
            for (int i = 0; i < operators.size(); i++) {
                Object right = others.get(i).in(frame);
                if (!frame.comparison().holds(operators.get(i), left, right)) {
                    return false;
                }
                left = right;
            }
            return true;
        }
    }

    /** {@code a ~ b}: the texts of all, one after the other. */
    public record Concatenate(List<Expression> parts) implements Expression {
        @Override
        public Object compute(Frame frame) {
            StringBuilder out = new StringBuilder();
            for (Expression part : parts) {
                String text = Text.of(frame.run().budget(), part.in(frame));
                frame.run().budget().make(text.length());
                out.append(text);
            }
            return out.toString();
        }
    }

    /** {@code -value}, {@code +value}. */
    public record Sign(boolean negative, Expression value) implements Expression {
        @Override
        public Object compute(Frame frame) {
            Object number = value.in(frame);
            if (!Numbers.isNumber(number)) {
                throw Types.wrong("a sign", number);
            }
            return negative
                    ? (number instanceof Double real ? (Object) (-real) : Numbers.compute("-", 0L, number))
                    : Numbers.compute("+", number, 0L);
        }
    }

    /** {@code left + right} and the other arithmetic. */
    public record Binary(String operator, Expression left, Expression right) implements Expression {
        @Override
        public Object compute(Frame frame) {
            Object a = left.in(frame);
            return Arithmetic.compute(frame.run().budget(), operator, a, right.in(frame));
        }
    }
}
