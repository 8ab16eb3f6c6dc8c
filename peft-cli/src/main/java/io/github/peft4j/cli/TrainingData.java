package io.github.peft4j.cli;

import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.LabelledRows;
import io.github.peft4j.models.Model;
import org.jspecify.annotations.Nullable;

/**
 * Rows to train on, and rows to evaluate on if there are any.
 *
 * @param rows to train on
 * @param heldOut to evaluate on, or null
 */
record TrainingData(LabelledRows rows, @Nullable LabelledRows heldOut) {

    /**
     * Checks that a model can read the rows.
     *
     * @throws BadInput if a token is not in its vocabulary or a row longer than its table of positions
     */
    void check(Model model) {
        check(rows, model, "--data");
        if (heldOut != null) {
            check(heldOut, model, "--eval-data");
        }
    }

    static void check(LabelledRows rows, Model model, String option) {
        int vocabulary = model.config().vocabSize();
        int positions = model.anatomy().positions() == Anatomy.PositionScheme.LEARNED
                ? model.anatomy().maxPositions()
                : 0;
        for (int i = 0; i < rows.tokenIds().size(); i++) {
            int[] ids = rows.tokenIds().get(i);
            int[] labels = rows.labels().get(i);
            for (int t = 0; t < ids.length; t++) {
                boolean label = labels[t] != LabelledRows.IGNORED && (labels[t] < 0 || labels[t] >= vocabulary);
                if (label || ids[t] < 0 || ids[t] >= vocabulary) {
                    throw new BadInput(option + ": row " + (i + 1) + " has "
                            + (label ? "label " + labels[t] : "token id " + ids[t])
                            + ", but the model's vocabulary has " + vocabulary + " tokens");
                }
            }
            if (positions > 0 && ids.length > positions) {
                throw new BadInput(
                        option + ": row " + (i + 1) + " has " + ids.length + " tokens, but the model has a table of "
                                + positions + " positions: give --max-length " + positions);
            }
        }
    }
}
