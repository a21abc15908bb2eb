"""What the collector reads in a drift profile: what to expect of each feature or metric, and when to raise an alert.

The names are Scouter's (scouter-ml 0.25.0). A profile holds more; it is kept as it came, and given back as it came.
"""

from typing import Literal

from collector.profiles.metrics import CustomProfile, GenAIProfile
from collector.profiles.psi import PsiProfile
from collector.profiles.spc import SpcProfile

DriftType = Literal["Psi", "Spc", "Custom", "GenAI"]
Profile = PsiProfile | SpcProfile | CustomProfile | GenAIProfile

PROFILES: dict[DriftType, type[Profile]] = {
    "Psi": PsiProfile,
    "Spc": SpcProfile,
    "Custom": CustomProfile,
    "GenAI": GenAIProfile,
}
