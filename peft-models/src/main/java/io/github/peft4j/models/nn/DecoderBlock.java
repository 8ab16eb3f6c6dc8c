package io.github.peft4j.models.nn;

import io.github.peft4j.models.kernel.Activation;

/**
 * A transformer block with norms in front: \(r = x + A(n_1(x))\), \(y = r + M(n_2(r))\); the children carry the architecture's names.
 *
 * <p>Shapes: x and y {@code [N, D]}. With {@code residualAfterNorm} (an option of Bloom) the residual paths start at the norms' outputs
 * instead of at their inputs.
 */
public final class DecoderBlock extends Module implements Scripted {

    private final Slot firstNorm;
    private final Slot attention;
    private final Slot secondNorm;
    private final Slot feedForward;
    private final boolean residualAfterNorm;

    /** A named part of a block. */
    public record Part(String name, Module module) {}

    /** A block of four parts. */
    public DecoderBlock(Part firstNorm, Part attention, Part secondNorm, Part feedForward, boolean residualAfterNorm) {
        this.firstNorm = child(firstNorm.name(), firstNorm.module());
        this.attention = child(attention.name(), attention.module());
        this.secondNorm = child(secondNorm.name(), secondNorm.module());
        this.feedForward = child(feedForward.name(), feedForward.module());
        this.residualAfterNorm = residualAfterNorm;
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Activation middle = withResidual(context, firstNorm, attention, x);
        Activation y = withResidual(context, secondNorm, feedForward, middle);
        middle.close();
        return y;
    }

    @Override
    public Activation replay(Forward context, Activation x) {
        Activation middle = withResidual(context, firstNorm, attention, x);
        Activation normed = secondNorm.forward(context, middle);
        Activation change = feedForward.replay(context, normed);
        Activation sum = context.join(residualAfterNorm ? normed : middle, change);
        middle.close();
        normed.close();
        change.close();
        return sum;
    }

    private Activation withResidual(Forward context, Slot norm, Slot part, Activation x) {
        Activation normed = norm.forward(context, x);
        Activation change = part.forward(context, normed);
        Activation sum = context.add(residualAfterNorm ? normed : x, change);
        normed.close();
        change.close();
        return sum;
    }

    @Override
    public String write(TokenScript script, String x) {
        return write(script, secondNorm, feedForward, write(script, firstNorm, attention, x));
    }

    private String write(TokenScript script, Slot norm, Slot part, String x) {
        String normed = script.write(norm, x);
        String change = script.write(part, normed);
        return script.line("torch.add(" + (residualAfterNorm ? normed : x) + ", " + change + ")");
    }
}
