package io.github.peft4j.models.nn;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Which of a model's switchable modules apply to each row of a batch: one that is in a row's set applies to that row, whether it is on
 * or off otherwise, and one that is not does not. Adapters' wrappers are such modules, so that rows of one batch can have adapters of
 * their own. For passes that nothing is trained in.
 *
 * <p>Immutable; good as long as the modules it names are in the model. Where a computation has a lease on the model for a selection ({@link
 * io.github.peft4j.models.internal.lease.Leases#hold}), others may change what the selection does not name.
 */
public final class RowSelection {

    private final List<Set<Module>> rows;

    private RowSelection(List<Set<Module>> rows) {
        this.rows = rows;
    }

    /** A selection of one collection of modules per row. */
    public static RowSelection of(List<? extends Collection<? extends Module>> rows) {
        List<Set<Module>> sets = new ArrayList<>();
        for (Collection<? extends Module> row : rows) {
            Set<Module> set = Collections.newSetFromMap(new IdentityHashMap<>());
            set.addAll(row);
            sets.add(set);
        }
        return new RowSelection(List.copyOf(sets));
    }

    /** Number of rows. */
    public int count() {
        return rows.size();
    }

    /** The selection of some of the rows, in the order given. */
    public RowSelection keep(int... kept) {
        List<Set<Module>> remaining = new ArrayList<>();
        for (int row : kept) {
            remaining.add(rows.get(row));
        }
        return new RowSelection(List.copyOf(remaining));
    }

    /** Whether some row chooses one of these modules. */
    public boolean namesAny(Collection<? extends Module> modules) {
        return modules.stream().anyMatch(module -> !reach(module).none());
    }

    /**
     * Checks that what rows choose is still there.
     *
     * @throws IllegalStateException if a module is not below the model
     */
    public void requirePartsOf(Module model) {
        Set<Module> present = Collections.newSetFromMap(new IdentityHashMap<>());
        present.addAll(model.modulesByPath().values());
        for (int row = 0; row < rows.size(); row++) {
            if (!present.containsAll(rows.get(row))) {
                throw new IllegalStateException(
                        "row " + row
                                + " chooses an adapter that was taken out of the model since: choose again among those that are there");
            }
        }
    }

    /** The rows that a module applies to. */
    public Reach reach(Module module) {
        BitSet found = new BitSet();
        for (int row = 0; row < rows.size(); row++) {
            if (rows.get(row).contains(module)) {
                found.set(row);
            }
        }
        return new Reach(found, rows.size());
    }

    /**
     * How far a module reaches.
     *
     * @param rows those that it applies to; not to be changed
     * @param count of all rows
     */
    public record Reach(BitSet rows, int count) {

        /** Whether it applies to no row. */
        public boolean none() {
            return rows.isEmpty();
        }

        /** Whether it applies to every row. */
        public boolean all() {
            return rows.cardinality() == count;
        }
    }
}
