"""`python -m proxy.observer`: the plan comes on standard input, the console's socket by inheritance."""

from proxy.logs import set_up
from proxy.observer.plan import ObserverPlan
from proxy.observer.process import main
from proxy.observer.yielding import give_way
from proxy.parent import read_plan

if __name__ == "__main__":
    give_way()
    plan = read_plan(ObserverPlan)
    set_up(plan.settings.log)
    main(plan)
