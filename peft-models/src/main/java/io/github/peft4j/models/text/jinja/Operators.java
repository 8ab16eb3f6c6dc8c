package io.github.peft4j.models.text.jinja;

import java.util.ArrayList;
import java.util.List;

/** The operators. */
final class Operators {

    private Operators() {}

    /** {@code left and right}, {@code left or right}: the operand that decided, as in Python. */
    record Logical(boolean and, Expression left, Expression right) implements Expression {
        @Override
        public Object compute(Frame frame) {
            Object value = left.in(frame);
            return Types.isTrue(value) == and ? right.in(frame) : value;
        }
    }

    /** {@code not value}. */
    record Not(Expression value) implements Expression {
        @Override
        public Object compute(Frame frame) {
            return !value.isTrue(frame);
        }
    }

    /** {@code a < b <= c}: every neighbouring pair must hold. */
    record Compare(Expression first, List<String> operators, List<Expression> others) implements Expression {
        @Override
        public Object compute(Frame frame) {
            Object left = first.in(frame);
            for (int i = 0; i < operators.size(); i++) {
                Object right = others.get(i).in(frame);
                if (!frame.run().comparison().holds(operators.get(i), left, right)) {
                    return false;
                }
                left = right;
            }
            return true;
        }
    }

    /** {@code a ~ b}: the texts of all, one after the other. */
    record Concatenate(List<Expression> parts) implements Expression {
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
    record Sign(boolean negative, Expression value) implements Expression {
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
    record Binary(String operator, Expression left, Expression right) implements Expression {
        @Override
        public Object compute(Frame frame) {
            Object a = left.in(frame);
            Object b = right.in(frame);
            if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
                return Numbers.compute(operator, a, b);
            } else if (operator.equals("+")) {
                return sum(frame.run().budget(), a, b);
            } else if (operator.equals("*") && (Numbers.isWhole(a) || Numbers.isWhole(b))) {
                return Numbers.isWhole(b)
                        ? repeat(frame.run().budget(), a, Numbers.whole(b))
                        : repeat(frame.run().budget(), b, Numbers.whole(a));
            }
            throw impossible(a, b);
        }

        private TemplateException impossible(Object a, Object b) {
            if (a instanceof Undefined undefined) {
                return undefined.used();
            } else if (b instanceof Undefined undefined) {
                return undefined.used();
            }
            return new TemplateException(
                    "'" + operator + "' is not possible between '" + Types.name(a) + "' and '" + Types.name(b) + "'");
        }

        private Object sum(Budget budget, Object a, Object b) {
            if (a instanceof String left && b instanceof String right) {
                budget.make((long) left.length() + right.length());
                return left + right;
            } else if (a instanceof List<?> left && b instanceof List<?> right) {
                return joined(budget, left, right);
            } else if (a instanceof Tuple left && b instanceof Tuple right) {
                return new Tuple(joined(budget, left.items(), right.items()));
            }
            throw impossible(a, b);
        }

        private static List<Object> joined(Budget budget, List<?> left, List<?> right) {
            budget.spendElements((long) left.size() + right.size());
            List<Object> all = new ArrayList<>(left);
            all.addAll(right);
            return all;
        }

        private Object repeat(Budget budget, Object value, long times) {
            long count = Math.max(0, times);
            if (value instanceof String text) {
                int copies = copies(text.length(), count);
                budget.make((long) text.length() * copies);
                return text.repeat(copies);
            } else if (value instanceof List<?> || value instanceof Tuple) {
                List<Object> items = Access.all(budget, value);
                List<Object> all = new ArrayList<>();
                int copies = copies(items.size(), count);
                budget.spendElements((long) items.size() * copies);
                for (int i = 0; i < copies; i++) {
                    all.addAll(items);
                }
                return value instanceof Tuple ? new Tuple(all) : all;
            }
            throw impossible(value, times);
        }

        private static int copies(int size, long count) {
            return size == 0 ? 0 : (int) Math.min(count, Integer.MAX_VALUE);
        }
    }
}
