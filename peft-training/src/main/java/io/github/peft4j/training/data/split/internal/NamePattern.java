package io.github.peft4j.training.data.split.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern of names of files, as Python's {@code glob} has it: {@code *} and {@code ?} for what is no {@code /}, {@code **} for anything, {@code [0-9]} for one
 * of some. The work is bounded by the product of both lengths, whatever stranger wrote the pattern.
 */
final class NamePattern {

    /** One part of a pattern. */
    private interface Token {

        boolean takes(char c);

        /** Whether it takes any number of characters. */
        default boolean many() {
            return false;
        }
    }

    private static final Token ANY = c -> c != '/';

    private final List<Token> tokens = new ArrayList<>();

    NamePattern(String pattern) {
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            int end = pattern.indexOf(']', i + 2);
            if (pattern.startsWith("**/", i)) {
                // No folder at all, or any.
                tokens.add(folders());
                i += 2;
            } else if (c == '*') {
                boolean all = pattern.startsWith("**", i);
                tokens.add(many(all ? any -> true : ANY));
                i += all ? 1 : 0;
            } else if (c == '?') {
                tokens.add(ANY);
            } else if (c == '[' && end > 0) {
                tokens.add(oneOf(pattern.substring(i + 1, end)));
                i = end;
            } else {
                tokens.add(other -> other == c);
            }
        }
    }

    private static Token many(Token each) {
        return new Token() {
            @Override
            public boolean takes(char c) {
                return each.takes(c);
            }

            @Override
            public boolean many() {
                return true;
            }
        };
    }

    private static Token folders() {
        return new Folders();
    }

    /** Takes whole folders, each with the {@code /} behind it. */
    private static final class Folders implements Token {

        @Override
        public boolean takes(char c) {
            return true;
        }

        @Override
        public boolean many() {
            return true;
        }
    }

    private static Token oneOf(String set) {
        boolean not = set.startsWith("!") || set.startsWith("^");
        String chars = not ? set.substring(1) : set;
        return c -> {
            boolean in = false;
            for (int i = 0; i < chars.length(); i++) {
                if (i + 2 < chars.length() && chars.charAt(i + 1) == '-') {
                    in |= chars.charAt(i) <= c && c <= chars.charAt(i + 2);
                    i += 2;
                } else {
                    in |= chars.charAt(i) == c;
                }
            }
            return in != not && c != '/';
        };
    }

    /** Whether a name is of this form. */
    boolean matches(String name) {
        // Whether the tokens so far take the first characters, for each number of these.
        boolean[] before = new boolean[name.length() + 1];
        before[0] = true;
        for (Token token : tokens) {
            boolean[] after = new boolean[name.length() + 1];
            boolean open = false;
            for (int i = 0; i <= name.length(); i++) {
                if (token instanceof Folders) {
                    open |= i > 0 && before[i - 1];
                    after[i] = before[i] || open && name.charAt(i - 1) == '/';
                } else if (token.many()) {
                    after[i] = before[i] || i > 0 && after[i - 1] && token.takes(name.charAt(i - 1));
                } else {
                    after[i] = i > 0 && before[i - 1] && token.takes(name.charAt(i - 1));
                }
            }
            before = after;
        }
        return before[name.length()];
    }
}
