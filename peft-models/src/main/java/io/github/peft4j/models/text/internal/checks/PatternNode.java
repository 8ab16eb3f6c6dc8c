package io.github.peft4j.models.text.internal.checks;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A part of a regular expression, as far as its cost depends on it. */
interface PatternNode {

    /** More ways than this are not told apart. */
    double MANY = 1e9;

    /** The smallest number of characters that it matches. */
    int least();

    /** In how many ways it can match at one place, not counting how often something unbounded is repeated. */
    double ways();

    /** Whether something in it is repeated without bound. */
    boolean unbounded();

    /** How many nodes of a compiled expression it stands for. */
    double size();

    /** As it was written, for comparison. */
    String source();

    /** The sets of characters in it. */
    Stream<String> characters();

    /** Exactly one character out of some. */
    record One(String source) implements PatternNode {
        @Override
        public int least() {
            return 1;
        }

        @Override
        public double ways() {
            return 1;
        }

        @Override
        public boolean unbounded() {
            return false;
        }

        @Override
        public double size() {
            return 1;
        }

        @Override
        public Stream<String> characters() {
            return Stream.of(source);
        }
    }

    /** A test that takes no character: an anchor, or a look at what stands before or behind. */
    record Test(String source, double ways, boolean unbounded, double size) implements PatternNode {
        @Override
        public int least() {
            return 0;
        }

        @Override
        public Stream<String> characters() {
            return Stream.empty();
        }
    }

    /** What is made of several nodes, in whatever way. */
    interface Several extends PatternNode {

        /** Its nodes. */
        List<PatternNode> nodes();

        @Override
        default boolean unbounded() {
            return nodes().stream().anyMatch(PatternNode::unbounded);
        }

        @Override
        default double size() {
            return nodes().stream().mapToDouble(PatternNode::size).sum();
        }

        @Override
        default Stream<String> characters() {
            return nodes().stream().flatMap(PatternNode::characters);
        }
    }

    /** One part after the other. */
    record Row(List<PatternNode> nodes, String source) implements Several {
        @Override
        public int least() {
            return nodes.stream().mapToInt(PatternNode::least).sum();
        }

        @Override
        public double ways() {
            return Math.min(MANY, nodes.stream().mapToDouble(PatternNode::ways).reduce(1, (a, b) -> a * b));
        }
    }

    /** One of several. */
    record Either(List<PatternNode> nodes) implements Several {
        @Override
        public int least() {
            return nodes.stream().mapToInt(PatternNode::least).min().orElse(0);
        }

        @Override
        public double ways() {
            return Math.min(MANY, nodes.stream().mapToDouble(PatternNode::ways).sum());
        }

        @Override
        public String source() {
            return nodes.stream().map(PatternNode::source).collect(Collectors.joining("|", "(", ")"));
        }
    }

    /** A part that is repeated. */
    record Repeat(PatternNode body, int from, int to, String mark) implements PatternNode {

        /** The bound of what has none. */
        static final int NO_BOUND = Integer.MAX_VALUE;

        @Override
        public int least() {
            return (int) Math.min(1_000_000, (long) from * body.least());
        }

        @Override
        public double ways() {
            if (to == NO_BOUND) {
                return body.ways();
            }
            double ways = 0;
            for (int times = from; times <= to && ways < MANY; times++) {
                ways += Math.pow(body.ways(), times);
            }
            return Math.min(MANY, Math.max(1, ways));
        }

        @Override
        public boolean unbounded() {
            return to == NO_BOUND || body.unbounded();
        }

        @Override
        public double size() {
            return Math.min(MANY, body.size() * Math.max(1, to == NO_BOUND ? from + 1 : to));
        }

        @Override
        public String source() {
            return body.source() + mark;
        }

        @Override
        public Stream<String> characters() {
            return body.characters();
        }
    }
}
