"""Build: the packages below dutydesk/, and data/ shipped inside the wheel as dutydesk/data."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["dutydesk", "dutydesk.*"]), "dutydesk.data"],
    package_dir={"dutydesk.data": "data"},
)
