package io.github.peft4j.training.evaluation;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the entities that a row of tags tells, as seqeval 1.2.2 does. A tag is a letter, a hyphen and a type; one without a type has the type
 * {@code _}.
 *
 * @see <a href="https://github.com/chakki-works/seqeval">seqeval</a>
 */
enum Entities {

    /** {@code get_entities} of seqeval's {@code sequence_labeling.py}, which is {@code conlleval}'s rule. */
    LENIENT {
        @Override
        Tag tag(String text, int row) {
            int hyphen = text.indexOf('-', 1);
            return new Tag(text.charAt(0), text.substring(hyphen < 0 ? 1 : hyphen + 1));
        }

        @Override
        boolean ends(Tag before, Tag tag) {
            boolean another = before.letter != '.' && !before.type.equals(tag.type);
            return before.letter != 'O' && (another || "ES".indexOf(before.letter) >= 0 || parts(before, tag));
        }

        private boolean parts(Tag before, Tag tag) {
            return "BI".indexOf(before.letter) >= 0 && "BSO".indexOf(tag.letter) >= 0;
        }

        @Override
        boolean begins(Tag before, Tag tag) {
            boolean another = "O.".indexOf(tag.letter) < 0 && !before.type.equals(tag.type);
            return another
                    || "BS".indexOf(tag.letter) >= 0
                    || ("ESO".indexOf(before.letter) >= 0 && "EI".indexOf(tag.letter) >= 0);
        }
    },

    /** {@code Tokens.entities} of seqeval's {@code scheme.py} with {@code IOB2}. */
    STRICT_IOB2 {
        @Override
        Tag tag(String text, int row) {
            if ("IOB".indexOf(text.charAt(0)) < 0) {
                throw new IllegalArgumentException(
                        "row " + row + " has the tag \"" + text + "\", expected one that begins with B, I or O");
            }
            return new Tag(text.charAt(0), text.substring(1).replaceAll("^-+|-+$", ""));
        }

        @Override
        boolean ends(Tag before, Tag tag) {
            return tag.letter != 'I' || !before.type.equals(tag.type);
        }

        @Override
        boolean begins(Tag before, Tag tag) {
            return tag.letter == 'B';
        }
    };

    private static final String OUTSIDE = "O";
    private static final String NO_TYPE = "_";

    /** An entity of a type, in the tokens from {@code first} to before {@code end}. */
    record Entity(String type, int first, int end) {}

    /** The parts of a tag. */
    record Tag(char letter, String type) {
        Tag {
            type = type.isEmpty() ? NO_TYPE : type;
        }
    }

    abstract Tag tag(String text, int row);

    /** Whether an entity to which the tag before belongs does not go on with this one. */
    abstract boolean ends(Tag before, Tag tag);

    /** Whether an entity begins with this tag. */
    abstract boolean begins(Tag before, Tag tag);

    /**
     * The entities of a row, in order.
     *
     * @param row its number, for messages
     * @throws IllegalArgumentException if a tag is empty, or none of the scheme's
     */
    List<Entity> in(List<String> tags, int row) {
        List<Entity> found = new ArrayList<>();
        Tag outside = tag(OUTSIDE, row);
        Tag before = outside;
        int first = -1;
        for (int token = 0; token <= tags.size(); token++) {
            Tag tag = token == tags.size() ? outside : checked(tags.get(token), row);
            if (first >= 0 && ends(before, tag)) {
                found.add(new Entity(before.type, first, token));
                first = -1;
            }
            if (begins(before, tag)) {
                first = token;
            }
            before = tag;
        }
        return found;
    }

    private Tag checked(String text, int row) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("row " + row + " has an empty tag: expected O, or B- and a type, say");
        }
        return tag(text, row);
    }
}
