package io.github.peft4j.models.internal.input;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows end to end, of which what all begin with is computed once where that is allowed and worth it. In a causal model no token of it sees
 * what follows, so hidden states and gradients are those of whole rows.
 *
 * @param input what is computed
 * @param starts where each row's own tokens lie among all tokens, virtual ones included
 * @param shared tokens that all rows begin with and that lie first, virtual ones included; 0 if rows are whole
 */
public record SharedPrefix(ModelInput input, long[] starts, int shared) {

    /** A shared prefix costs each layer about as much as these many tokens, so rows that spare fewer by it are computed whole. */
    private static final int LEAST_SPARED = 16;

    /**
     * Whether what rows begin with may be computed once for all of them in a pass: no token sees later ones, each row's values are alike, and
     * positions do not depend on how long a row is.
     */
    public static boolean allowed(Model<?> model, Forward context, List<Row> rows) {
        int longest = rows.stream().mapToInt(Row::length).max().orElse(0);
        return model.backbone().causal()
                && longest + model.virtualTokens() <= model.anatomy().alikeUpTo()
                && (!context.dropoutApplies()
                        || model.modulesByPath().values().stream().noneMatch(Module::dropsActivations));
    }

    /**
     * Lays rows out.
     *
     * @param rows at least one token in each
     * @param virtualTokens that stand before every row
     * @param allowed whether what rows begin with may be computed once for all
     */
    public static SharedPrefix of(List<Row> rows, int virtualTokens, boolean allowed) {
        List<int[]> ids = rows.stream().map(Row::tokenIds).toList();
        // Where one token means several things by its type, rows that look alike are not.
        boolean alike = rows.stream().allMatch(row -> row.tokenTypes().length == 0);
        int shared = allowed && alike ? shared(ids, virtualTokens) : 0;
        long[] starts = new long[rows.size()];
        long start = shared;
        for (int row = 0; row < starts.length; row++) {
            starts[row] = start;
            start += virtualTokens + rows.get(row).length() - shared;
        }
        ModelInput input = shared == 0 ? ModelInput.ofRows(rows) : opened(ids, shared - virtualTokens);
        return new SharedPrefix(input, starts, shared);
    }

    /**
     * Where a position of a row lies among all tokens.
     *
     * @param position from 0, virtual tokens included
     */
    public long place(int row, long position) {
        return position < shared ? position : starts[row] + position - shared;
    }

    private static int shared(List<int[]> rows, int virtualTokens) {
        int shared = virtualTokens + commonTokens(rows);
        return (rows.size() - 1) * shared >= LEAST_SPARED ? shared : 0;
    }

    /** How many tokens all rows begin with, so that each keeps one of its own. */
    private static int commonTokens(List<int[]> rows) {
        int common = rows.stream().mapToInt(row -> row.length - 1).min().orElse(0);
        for (int[] row : rows) {
            int differs = Arrays.mismatch(row, rows.get(0));
            common = differs < 0 ? common : Math.min(common, differs);
        }
        return common;
    }

    private static ModelInput opened(List<int[]> rows, int common) {
        List<int[]> parts = new ArrayList<>();
        parts.add(Arrays.copyOf(rows.get(0), common));
        for (int[] row : rows) {
            parts.add(Arrays.copyOfRange(row, common, row.length));
        }
        int[] own = parts.stream().skip(1).mapToInt(part -> part.length).toArray();
        int[] ids = parts.stream().flatMapToInt(Arrays::stream).toArray();
        return new ModelInput(ids, Rows.sharedPrefix(common, own), null, List.of());
    }
}
